/** CNCF Distribution (Debian's docker-registry) as a child process, with a configuration of our own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programOrInstall } from './apt.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export interface RegistryServer {
  /** "127.0.0.1:5000": what stands before the "/" in an image reference. */
  readonly server: string;
  readonly url: string;
  readonly credentials: RegistryCredentials | null;
  readonly child: Child;
  stop(): Promise<void>;
}

export interface RegistryCredentials {
  username: string;
  password: string;
}

export interface RegistryOptions {
  /** Configuration, log and images. */
  folder: string;
  port?: number;
  /** Ask for a user name and a password (REGISTRY_USER). */
  auth?: boolean;
}

/** The one account of a registry that asks for one. Distribution takes bcrypt only, and Node has none: hence a ready-made hash. */
export const REGISTRY_USER: RegistryCredentials = { username: 'captain', password: 'let-me-pull' };
const REGISTRY_USER_HASH = '$2b$05$LKVhN6ZbkzBPblGH4cXJGOxPqPYrY1MauOTXUlJ/EIx.I3h2xutp2';
export const htpasswdLine = () => `${REGISTRY_USER.username}:${REGISTRY_USER_HASH}\n`;

export async function startRegistry(options: RegistryOptions): Promise<RegistryServer> {
  const program = await programOrInstall(['docker-registry', 'registry'], ['docker-registry']);
  if (!program) throw new Error('Install docker-registry (CNCF Distribution).');
  mkdirSync(join(options.folder, 'images'), { recursive: true });
  const port = options.port ?? (await freePort());
  const accounts = join(options.folder, 'htpasswd');
  if (options.auth) writeFileSync(accounts, htpasswdLine(), { mode: 0o600 });
  const config = {
    version: 0.1,
    log: { level: 'warn' },
    storage: {
      filesystem: { rootdirectory: join(options.folder, 'images') },
      delete: { enabled: true },
      cache: { blobdescriptor: 'inmemory' },
    },
    http: { addr: `127.0.0.1:${port}` },
    ...(options.auth ? { auth: { htpasswd: { realm: 'berth', path: accounts } } } : {}),
  };
  // JSON is YAML.
  const configFile = join(options.folder, 'config.yml');
  writeFileSync(configFile, JSON.stringify(config));
  const child = startChild({
    command: program,
    args: ['serve', configFile],
    logFile: join(options.folder, 'registry.log'),
    // It would report to a collector that is not there.
    env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' },
    deathSignal: 'SIGTERM',
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() => answers(url), {
    failed: child.ending,
    what: 'the registry to answer',
    timeoutMs: 15_000,
    describe: () => child.tail(),
  });
  return {
    server: `127.0.0.1:${port}`,
    url,
    credentials: options.auth ? REGISTRY_USER : null,
    child,
    async stop() {
      await child.stop('SIGTERM', 2_000);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/v2/`);
  await response.arrayBuffer();
  return response.status === 200 || response.status === 401;
}
