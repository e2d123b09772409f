/** Simulated hosts in a workspace of their own, and what a run on them costs. */
import { Redis } from 'ioredis';
import type { Berth } from '../support/berth.ts';
import { ConsoleClient } from './console-client.ts';
import { burst, Watch } from './lifecycles.ts';
import { cpuSeconds, cpuSecondsOfTree, postmasterOf } from './process-cost.ts';
import { QuickClient } from './quick-client.ts';
import { startSimulatedHosts } from './simulated-hosts.ts';

const IMAGE = 'hello-world:latest';
const CREATES_AT_ONCE = 64;

/** Of all that is Berth: api, Postgres and Redis. */
export interface BerthMeter {
  redis: Redis;
  /** Seconds of a core so far. */
  cpu(): number;
}

export async function meterOf(berth: Berth): Promise<BerthMeter> {
  const postmaster = await postmasterOf(berth.databaseUrl);
  const redis = new Redis(berth.redis.url);
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  return { redis, cpu: () => cpuSeconds(berth.api.pid) + cpuSecondsOfTree(postmaster) + cpuSeconds(redisPid) };
}

/** A workspace with so many simulated hosts, and a client that watches it. */
export async function openFleet(berth: Berth, slug: string, count: number) {
  const client = await berth.tenant(slug);
  const { token } = await client.createJoinToken({ maxUses: null });
  const simulated = await startSimulatedHosts({ url: client.account.url, joinTokens: [token], count, image: IMAGE });
  const socket = await ConsoleClient.connect(client.account);
  const creator = new QuickClient(client.account, CREATES_AT_ONCE);
  const watch = new Watch();
  await watch.begin(socket);
  const create = async () => {
    const start = performance.now();
    const id = await creator.createRun({ image: IMAGE, pullPolicy: 'if-not-present' });
    watch.created.set(id, start);
    return id;
  };
  const runBurst = (runs: number, progress: (line: string) => void) => burst(watch, create, { runs, atOnce: CREATES_AT_ONCE, progress });
  return {
    watch,
    create,
    /** Seconds of a core of what only the bench has: its client and the simulated hosts. */
    benchCpu: () => cpuSeconds(process.pid) + cpuSeconds(simulated.pid),
    burst: runBurst,
    /** Milliseconds of a core that each of so many runs costs. */
    async costOf(runs: number, { cpu }: BerthMeter, progress: (line: string) => void): Promise<number> {
      const before = cpu();
      await runBurst(runs, progress);
      return ((cpu() - before) * 1000) / runs;
    },
    /** Milliseconds until the answer is here. */
    async list(query: string): Promise<number> {
      const start = performance.now();
      const answer = await client.send('GET', `${client.base}/runs?${query}`);
      if (answer.status !== 200) throw new Error(`the list ${query} was answered with ${answer.status}: ${answer.text}`);
      return performance.now() - start;
    },
    async close(): Promise<void> {
      creator.close();
      socket.close();
      await simulated.end();
    },
  };
}
