/** Starts every part in order, and stops them in reverse at Ctrl-C. */
import { join } from 'node:path';
import { freePort, isFree } from '../parts/free-port.ts';
import { migrate } from '../parts/migrate.ts';
import { checkPostgres, createDatabase, reachableDataFolder, startPostgres } from '../parts/postgres.ts';
import { checkRedis, startRedis } from '../parts/redis.ts';
import { seconds, step } from '../prepare/step.ts';
import { apiEnvironment, localUrl, provideCredentials, startAgent, startApi, startConsole } from './apps.ts';
import { type LauncherConfig, readConfig } from './config.ts';
import { checkPrivateEngineIsPossible, findEngine, startPrivateEngine, startStandIn } from './engine.ts';
import { sayHello } from './hello.ts';
import { type Home, openHome } from './home.ts';
import { type RunningParts, runningParts } from './running-parts.ts';

export interface LaunchOptions {
  /** Run hello-world if this is the first start. */
  hello: boolean;
  /** performance.now() when the user's command began. */
  started: number;
}

export async function launch(options: LaunchOptions): Promise<void> {
  const config = readConfig(process.env);
  if (!(await isFree(config.PORT, config.HOST))) throw new Error(`Port ${config.PORT} is taken: set PORT to a free one.`);
  const home = openHome(config.BERTH_HOME);
  const parts = runningParts(() => home.release());
  try {
    await start(config, home, parts, options);
  } catch (error) {
    // A signal during the start stops parts under our feet; what fails then is no news.
    if (!parts.stopping) console.error(`\n${error instanceof Error ? error.message : error}`);
    await parts.stopAll(1);
  }
}

async function start(config: LauncherConfig, home: Home, parts: RunningParts, options: LaunchOptions): Promise<void> {
  const engine = await provideEngine(config, home, parts);
  const databaseUrl = await providePostgres(config, home, parts);
  const redisUrl = await provideRedis(config, home, parts);
  await step(
    'Migrations',
    () => migrate(databaseUrl),
    (applied) => (applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`),
  );

  const consolePort = await freePort();
  const web = await step('Console', () => startConsole(consolePort, home.logFile('console')));
  parts.add('console', async () => void (await web.stop()), web);

  const env = apiEnvironment(config, home, { databaseUrl, redisUrl }, `http://127.0.0.1:${consolePort}`);
  const api = await step('API', () => startApi(config, env, home.logFile('api')));
  parts.add('api', async () => void (await api.stop()), api);

  const credentials = await step(
    'Credentials',
    () => provideCredentials(config, home, env),
    () => home.credentialsFile,
  );
  const agent = await step(
    'Agent',
    () => startAgent(config, home, credentials, engine, home.logFile('agent')),
    ({ host }) => `host ${host.name} is ready`,
  );
  parts.add('agent', async () => void (await agent.child.stop()), agent.child);

  console.log(`\nBerth is ready: ${config.url} (${seconds(options.started)})`);
  console.log(`Sign in as ${credentials.email}; password and API token are in ${home.credentialsFile}. Ctrl-C stops everything.`);
  if (options.hello && home.isFirst('hello')) {
    // Berth is up whatever becomes of it; it is tried again at the next start.
    const greeted = await sayHello(localUrl(config), credentials).catch((error: unknown) => {
      if (!parts.stopping) console.error(error instanceof Error ? error.message : error);
      return false;
    });
    if (greeted) home.done('hello');
  }
}

/** Returns the engine's address. */
async function provideEngine(config: LauncherConfig, home: Home, parts: RunningParts): Promise<string> {
  const found = await findEngine(config);
  if (found) {
    await step(
      'Container engine',
      async () => found,
      (host) => `at ${host}`,
    );
    return found;
  }
  for (const name of ['BERTH_ENGINE', 'DOCKER_HOST'] as const) {
    if (config[name]) console.log(`  Nothing answers at ${config[name]} (${name}).`);
  }
  checkPrivateEngineIsPossible();
  const standIn = await step(
    'Docker Hub',
    () => startStandIn(home.subfolder('mirror')),
    (registry) =>
      registry ? 'cannot be reached: a local registry with hello-world and busybox, built here from nothing, stands in' : 'can be reached',
  );
  if (standIn) parts.add('registry', () => standIn.stop(), standIn.child);
  const engine = await step(
    'Container engine',
    () => startPrivateEngine(home.subfolder('engine'), standIn),
    ({ host }) => `a private one at ${host}`,
  );
  parts.add('engine', () => engine.stop(), engine.child);
  return engine.host;
}

async function providePostgres(config: LauncherConfig, home: Home, parts: RunningParts): Promise<string> {
  const given = config.DATABASE_URL;
  if (given) {
    await step(
      'Postgres',
      () => checkPostgres(given),
      () => 'the one in DATABASE_URL',
    );
    return given;
  }
  const wanted = join(home.folder, 'postgres');
  const dataFolder = await reachableDataFolder(wanted);
  const options = { dataFolder, logFile: home.logFile('postgres'), password: home.secrets.postgresPassword };
  const server = await step(
    'Postgres',
    () => startPostgres(options),
    () => (dataFolder === wanted ? 'done' : `done; its data is in ${dataFolder}, where user postgres can reach it`),
  );
  parts.add('Postgres', () => server.stop(), server.child);
  return createDatabase(server, 'berth');
}

async function provideRedis(config: LauncherConfig, home: Home, parts: RunningParts): Promise<string> {
  const given = config.REDIS_URL;
  if (given) {
    await step(
      'Redis',
      () => checkRedis(given),
      () => 'the one in REDIS_URL',
    );
    return given;
  }
  const server = await step('Redis', () => startRedis({ folder: home.subfolder('redis'), password: home.secrets.redisPassword }));
  parts.add('Redis', () => server.stop(), server.child);
  return server.url;
}
