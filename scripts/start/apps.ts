/** Api, console and agent as processes. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from '../parts/child.ts';
import { run } from '../parts/command.ts';
import { repository } from '../parts/paths.ts';
import { until } from '../parts/until.ts';
import type { LauncherConfig } from './config.ts';
import type { Credentials, Home } from './home.ts';
import { type HostView, restClient } from './rest.ts';

export interface Stores {
  databaseUrl: string;
  redisUrl: string;
}

export function apiEnvironment(config: LauncherConfig, home: Home, stores: Stores, consoleUrl: string): Record<string, string> {
  return {
    PORT: String(config.PORT),
    HOST: config.HOST,
    PUBLIC_URL: config.url,
    CONSOLE_URL: consoleUrl,
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
    BERTH_SECRET_KEY: home.secrets.secretKey,
    AUTH_SECRET: home.secrets.authSecret,
    LOG_LEVEL: config.LOG_LEVEL,
  };
}

function startNode(script: string, args: string[], env: Record<string, string>, logFile: string, cwd = repository): Child {
  return startChild({
    command: process.execPath,
    args: [script, ...args],
    cwd,
    env: { ...ownEnvironment(), ...env },
    logFile,
    deathSignal: 'SIGTERM',
  });
}

/** What a process needs of ours; nothing else of the user's environment reaches a part by accident. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'];
  const values = kept.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
  return { ...Object.fromEntries(values), NODE_ENV: 'production' };
}

export async function startConsole(port: number, logFile: string): Promise<Child> {
  const next = join(repository, 'node_modules/next/dist/bin/next');
  const child = startNode(
    next,
    ['start', '--hostname', '127.0.0.1', '--port', String(port)],
    { NEXT_TELEMETRY_DISABLED: '1' },
    logFile,
    join(repository, 'apps/web'),
  );
  await until(() => fetch(`http://127.0.0.1:${port}/`, { redirect: 'manual' }).then((response) => response.status < 500), {
    what: 'the console to answer',
    failed: child.ending,
    describe: () => child.tail(),
  });
  return child;
}

export async function startApi(config: LauncherConfig, env: Record<string, string>, logFile: string): Promise<Child> {
  const child = startNode(join(repository, 'apps/api/dist/main.js'), [], env, logFile);
  await until(() => fetch(`${localUrl(config)}/readyz`).then((response) => response.ok), {
    what: 'the api to be ready',
    failed: child.ending,
    describe: () => child.tail(),
  });
  return child;
}

/** The address at which the api is reached from this machine, whatever browsers use. */
export function localUrl(config: LauncherConfig): string {
  const anywhere = config.HOST === '0.0.0.0' || config.HOST === '::';
  return `http://${anywhere ? '127.0.0.1' : config.HOST.includes(':') ? `[${config.HOST}]` : config.HOST}:${config.PORT}`;
}

/** The first user, workspace and token, made once. A token that no longer works is replaced. */
export async function provideCredentials(config: LauncherConfig, home: Home, env: Record<string, string>): Promise<Credentials> {
  const known = home.readCredentials();
  if (known && (await restClient(localUrl(config), known).accepts())) {
    const current = { ...known, url: config.url };
    home.writeCredentials(current);
    return current;
  }
  const { stdout } = await run(process.execPath, [join(repository, 'apps/api/dist/bootstrap.js')], {
    env: { ...ownEnvironment(), ...env },
  });
  const made = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  const credentials = { url: config.url, workspace: made.workspace, token: made.token, email: made.email, password: made.password };
  home.writeCredentials(credentials);
  return credentials;
}

export interface LocalAgent {
  child: Child;
  host: HostView;
}

/** Of glibc: an agent holds 3 MB less with two of its heaps than with one for each thread (docs/decisions/0014). */
const FEW_ARENAS = { MALLOC_ARENA_MAX: '2' };

/** Enrols where the agent's home has no identity yet, and waits until the host is ready. */
export async function startAgent(
  config: LauncherConfig,
  home: Home,
  credentials: Credentials,
  engine: string,
  logFile: string,
): Promise<LocalAgent> {
  const rest = restClient(localUrl(config), credentials);
  const folder = home.subfolder('agent');
  const joinToken = existsSync(join(folder, 'identity.json')) ? [] : ['--join', await rest.createJoinToken()];
  const known = new Map((await rest.hosts()).map((host) => [host.id, host.lastSeenAt]));
  const child = startNode(
    join(repository, 'apps/agent/dist/main.js'),
    ['--url', localUrl(config), ...joinToken, '--home', folder, '--engine', engine],
    { LOG_LEVEL: config.LOG_LEVEL, ...FEW_ARENAS },
    logFile,
  );
  // Seen by the api since now: the host may be in the list from the start before.
  const host = await until(async () => (await rest.hosts()).find((one) => one.ready && known.get(one.id) !== one.lastSeenAt), {
    what: 'the host of this machine to be ready',
    failed: child.ending,
    describe: () => child.tail(),
  });
  return { child, host };
}
