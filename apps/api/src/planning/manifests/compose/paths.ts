/** How the fields of a manifest are called in the Compose file that it was made of. */
const KEYS: Readonly<Record<string, string>> = {
  command: 'entrypoint',
  args: 'command',
  env: 'environment',
  workingDir: 'working_dir',
  resources: 'deploy.resources.limits',
  readOnlyRootFilesystem: 'read_only',
  extraHosts: 'extra_hosts',
  capabilities: 'cap_add',
  network: 'network_mode',
  mounts: 'volumes',
  stdin: 'stdin_open',
  stopSignal: 'stop_signal',
  stopGracePeriodSeconds: 'stop_grace_period',
  pullPolicy: 'pull_policy',
  placement: 'deploy.placement',
};

/** Path of the manifest → path of the file: as near as it can be said. */
export function composePathOf(kind: 'Service' | 'Run' | 'Volume', base: readonly string[]): (path: string) => string {
  const at = (...rest: string[]) => [...base, ...rest].filter((step) => step !== '').join('.');
  return (path) => {
    const steps = path.split('.');
    if (steps[0] === 'after') return at('depends_on');
    if (steps[0] === 'metadata') return steps[1] === 'labels' ? at(kind === 'Service' ? 'deploy.labels' : 'labels') : at();
    if (steps[0] !== 'spec' || kind === 'Volume') return at();
    const inside = kind === 'Run' ? steps.slice(1) : steps[1] === 'template' && steps[2] === 'spec' ? steps.slice(3) : null;
    if (inside) return at(KEYS[inside[0] ?? ''] ?? inside[0] ?? '', ...inside.slice(1));
    if (steps[1] === 'template') return at('labels');
    return at('deploy', steps[1] === 'update' ? 'update_config' : (steps[1] ?? ''));
  };
}
