/** Redis as a child process. It holds wake-ups only (law L1), so nothing is written to disk. */
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { programOrInstall } from './apt.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export interface RedisServer {
  readonly url: string;
  readonly child: Child;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** For its log. */
  folder: string;
  password?: string;
  port?: number;
}

/** Valkey speaks the same protocol and takes the same settings. Throws a sentence that says what to install. */
export async function startRedis(options: RedisOptions): Promise<RedisServer> {
  const program = await programOrInstall(['redis-server', 'valkey-server'], ['redis-server']);
  if (!program) throw new Error('Install redis-server (or valkey-server), or set REDIS_URL to a Redis that is already there.');
  const port = options.port ?? (await freePort());
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: options.folder,
    save: '""',
    appendonly: 'no',
    // BullMQ requires it: a queue must not lose keys when memory is short.
    'maxmemory-policy': 'noeviction',
    ...(options.password ? { requirepass: options.password } : {}),
  };
  const child = startChild({
    command: program,
    // From standard input: a password among the arguments could be read by every user of the machine.
    args: ['-'],
    input: Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
    logFile: join(options.folder, 'redis.log'),
    deathSignal: 'SIGTERM',
  });
  const url = `redis://${options.password ? `:${options.password}@` : ''}127.0.0.1:${port}`;
  await until(() => ping(url), {
    failed: child.ending,
    what: 'Redis to answer',
    timeoutMs: 15_000,
    describe: () => child.tail(),
  });
  return {
    url,
    child,
    async stop() {
      await child.stop('SIGTERM', 5_000);
    },
  };
}

async function ping(url: string): Promise<boolean> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } finally {
    client.disconnect();
  }
}

/** Resolves when the Redis behind `url` answers; rejects with its words. */
export async function checkRedis(url: string): Promise<void> {
  await until(() => ping(url), { what: 'Redis to answer', timeoutMs: 5_000 });
}
