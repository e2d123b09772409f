/** Variables whose names say that they are secret. Pure. */
export const isSecretName = (name: string): boolean => /pass|secret|token|key|credential/i.test(name);

export const MASK = '••••••••';

/** As `spec.env` has them: name → value. */
export function maskedEnv<T extends Record<string, string>>(env: T | undefined): Record<string, string> | undefined {
  return env && Object.fromEntries(Object.entries(env).map(([name, value]) => [name, isSecretName(name) ? MASK : value]));
}

/** The engine's JSON with its `Config.Env` masked: lines of NAME=value. */
export function maskedEngine(engine: Record<string, unknown>): Record<string, unknown> {
  const config = engine.Config;
  if (typeof config !== 'object' || config === null || !('Env' in config) || !Array.isArray(config.Env)) return engine;
  const lines = config.Env.map((line: unknown) => {
    const name = typeof line === 'string' ? line.slice(0, line.indexOf('=')) : '';
    return isSecretName(name) ? `${name}=${MASK}` : line;
  });
  return { ...engine, Config: { ...config, Env: lines } };
}
