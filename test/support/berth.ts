/**
 * A whole Berth for a suite: the api as a process on a free port, with a fresh database and a Redis of its own, and any number of agents
 * as processes. Each of them can be killed with -9 and started again.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { run } from '../../scripts/parts/command.ts';
import { freePort } from '../../scripts/parts/free-port.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { type BerthClient, createClient } from './client.ts';
import type { Engine } from './engine.ts';
import type { RedisPart } from './environment.ts';
import { eventually } from './eventually.ts';
import { freshDatabase } from './postgres.ts';
import { startRedis } from './redis.ts';
import { type Restartable, restartable, withOwn } from './restartable.ts';
import { temporaryFolder } from './temporary.ts';

export interface BerthOptions {
  /** A free one where absent. */
  port?: number;
  /** Added to the environment of the api: `{ HEARTBEAT_SECONDS: '1' }`. */
  env?: Record<string, string>;
  /** An empty one of its own where absent. */
  redis?: RedisPart;
  /** A database with all migrations; a fresh one of this process, which does not care for durability, where absent. */
  databaseUrl?: string;
}

export interface Agent extends Restartable {
  readonly name: string;
  readonly home: string;
  readonly hostId: string;
}

export interface AgentOptions {
  engine: Engine | { host: string };
  /** Unique in the workspace; made up where absent. */
  name?: string;
  /** Of another tenant. */
  client?: BerthClient;
  /** What it dials, where something stands between it and the api. */
  url?: string;
  /** Added to its environment. */
  env?: Record<string, string>;
  /** What it is started from; the one that was built with this repository where absent. */
  bundle?: string;
}

const credentialsSchema = z.object({ workspace: z.string(), email: z.string(), password: z.string(), token: z.string() });
export type Credentials = z.infer<typeof credentialsSchema>;

export interface Berth {
  readonly url: string;
  readonly databaseUrl: string;
  readonly redis: RedisPart;
  readonly credentials: Credentials;
  /** Of the first workspace. */
  readonly client: BerthClient;
  readonly api: Restartable;
  /** The environment of the api, to start another replica or role. */
  readonly env: Record<string, string>;
  /** Another workspace with a user and a token of its own. */
  tenant(slug: string): Promise<BerthClient>;
  /** Enrols a host and waits until it is ready. */
  startAgent(options: AgentOptions): Promise<Agent>;
  stop(): Promise<void>;
}

export async function startBerth(options: BerthOptions = {}): Promise<Berth> {
  const [databaseUrl, redis, port, folder] = await Promise.all([
    options.databaseUrl ?? freshDatabase(),
    options.redis ?? startRedis(),
    options.port ?? freePort(),
    temporaryFolder('berth'),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const env: Record<string, string> = {
    PORT: String(port),
    HOST: '127.0.0.1',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    BERTH_SECRET_KEY: randomBytes(32).toString('base64'),
    AUTH_SECRET: randomBytes(32).toString('base64'),
    PUBLIC_URL: url,
    LOG_LEVEL: 'info',
    HEARTBEAT_SECONDS: '1',
    // Registries outside are not asked by tests.
    IMAGE_CHECK_SECONDS: '0',
    ...options.env,
  };

  const bootstrap = async (...args: string[]): Promise<Credentials> => {
    const { stdout } = await run(process.execPath, [join(repository, 'apps/api/dist/bootstrap.js'), ...args], { env: withOwn(env) });
    const line = stdout.trim().split('\n').at(-1) ?? '';
    return credentialsSchema.parse(JSON.parse(line));
  };
  const credentials = await bootstrap();
  const client = createClient({ url, ...credentials });

  const api = restartable({
    what: 'the api',
    logFile: join(folder, 'api.log'),
    args: [join(repository, 'apps/api/dist/main.js')],
    env,
    ready: (child) =>
      eventually(
        'the api to be ready',
        () => fetch(`${url}/readyz`).then((response) => response.ok),
        () => child.tail(60),
        60_000,
        child.ending,
      ).then(() => undefined),
  });
  await api.start();

  const agents: Agent[] = [];
  return {
    url,
    databaseUrl,
    redis,
    credentials,
    client,
    api,
    env,
    async tenant(slug) {
      const tenant = await bootstrap('--workspace', slug, '--email', `${slug}@example.com`, '--password', randomBytes(12).toString('hex'));
      return createClient({ url, ...tenant });
    },
    async startAgent(choice) {
      const agent = await startAgent(choice.url ?? url, choice, choice.client ?? client, agents.length + 1);
      agents.push(agent);
      return agent;
    },
    async stop() {
      await Promise.all(agents.map((agent) => agent.stop()));
      await api.stop();
      await redis.stop();
    },
  };
}

async function startAgent(url: string, options: AgentOptions, client: BerthClient, number: number): Promise<Agent> {
  const name = options.name ?? `host-${number}`;
  const home = await temporaryFolder(`agent-${name}`);
  const joinToken = await client.createJoinToken();
  const args = ['--url', url, '--join', joinToken.token, '--home', home, '--name', name, '--engine', options.engine.host];
  const findHost = async () => (await client.listHosts()).items.find((host) => host.metadata.name === name);
  const agent = restartable({
    what: `agent ${name}`,
    logFile: join(home, 'agent.log'),
    args: [options.bundle ?? join(repository, 'apps/agent/dist/main.js'), ...args],
    // As the installation and `npm start` have it.
    env: { MALLOC_ARENA_MAX: '2', ...options.env },
    ready: (child) =>
      eventually(
        `host ${name} to be ready`,
        async () => (await findHost())?.status.state === 'ready',
        async () => ({ host: await findHost(), log: child.tail(60) }),
        30_000,
        child.ending,
      ).then(() => undefined),
  });
  await agent.start();
  const host = await findHost();
  if (!host) throw new Error(`host ${name} is not in the list`);
  return Object.assign(agent, { name, home, hostId: host.metadata.id });
}
