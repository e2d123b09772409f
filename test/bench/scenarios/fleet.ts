/**
 * (n) A large fleet: 1,000 simulated hosts and 100,000 runs on them; what a run costs with 10 hosts and with 1,000, with a thousand stored runs
 * and with a million; and the list of a million runs. Costs are processor time of api, Postgres and Redis, which another load on the machine does not
 * change by much.
 */
import { Redis } from 'ioredis';
import { ConsoleClient } from '../console-client.ts';
import { type Figure, median, percentile, spread } from '../figures.ts';
import { burst, steadyLoad, Watch } from '../lifecycles.ts';
import { cpuSeconds, cpuSecondsOfTree, postmasterOf, residentMB } from '../process-cost.ts';
import { QuickClient } from '../quick-client.ts';
import { startSimulatedHosts } from '../simulated-hosts.ts';
import type { BenchStage } from '../stage.ts';
import { storeRuns } from '../stored-runs.ts';
import type { BenchOptions } from './index.ts';

const IMAGE = 'hello-world:latest';
const CREATES_AT_ONCE = 64;
const STEADY_PER_SECOND = 100;
const SAMPLES = 3;
/** As the console asks: the first page, by state, by label, by name, by host, and further on. */
const LISTS = [
  'limit=50',
  'limit=200',
  'phase=failed&limit=50',
  'phase=running&limit=50',
  'phase=exited,failed,lost&limit=50',
  'label=team=team-7&limit=50',
  'label=team&limit=50',
  'name=past-77&limit=50',
  'name=past-77&phase=failed&label=team=team-0&limit=50',
  'image=hello&limit=50',
];
/** What hardly a run has, or none. */
const RARE_LISTS = [
  'name=no-run-has-this',
  'image=no-such-image',
  'label=team=nobody',
  'label=nobodys-key',
  'name=past-999&label=team=team-1',
  'phase=queued,pulling&limit=50',
  'host=host_00000000000000000000000000',
];
const LIST_BOUND_MS = 50;

export async function fleet(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const size = quick
    ? { few: 5, many: 50, sample: 500, runs: 2_000, stored: 20_000, lists: 20 }
    : { few: 10, many: 1_000, sample: 10_000, runs: 100_000, stored: 1_000_000, lists: 100 };
  const { berth } = stage;
  const postmaster = await postmasterOf(berth.databaseUrl);
  const redis = new Redis(berth.redis.url);
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1]);
  const cpu = () => cpuSeconds(berth.api.pid) + cpuSecondsOfTree(postmaster) + cpuSeconds(redisPid);
  const connections = async () => Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]) - 1;

  const costs = async (slug: string, hosts: number): Promise<number[]> => {
    const fleet = await openFleet(stage, slug, hosts);
    try {
      await fleet.burst(size.sample / 10, () => undefined);
      const samples = await fleet.costsOf(size.sample, cpu, progress);
      progress(`${hosts} hosts: ${samples.map((ms) => ms.toFixed(2)).join(', ')} ms of a core a run`);
      return samples;
    } finally {
      await fleet.close();
    }
  };
  // Before and after the many: a machine that grows slower or faster meanwhile does so for both.
  const before = await costs('bench-few', size.few);
  const many_ms = median(await costs('bench-many', size.many));
  const few_ms = median([...before, ...(await costs('bench-few-again', size.few))]);
  const many = await openFleet(stage, 'bench-fleet', size.many);
  try {
    progress(`${size.many} simulated hosts are connected`);
    const [cpuBefore, benchBefore] = [cpu(), many.benchCpu()];
    const all = await many.burst(size.runs, progress);
    const [used, usedByBench] = [cpu() - cpuBefore, many.benchCpu() - benchBefore];
    const redisConnections = await connections();
    const memory = residentMB(berth.api.pid, 'VmHWM');
    const steady = await steadyLoad(many.create, STEADY_PER_SECOND, quick ? 3 : 15);
    await many.watch.allEnded(steady, 60_000);
    const took = await storeRuns(berth.databaseUrl, { workspace: 'bench-fleet', runs: size.stored });
    progress(`${size.stored} stored runs are written in ${took.toFixed(0)} s`);
    const stored_ms = median(await many.costsOf(size.sample, cpu, progress));
    progress(`${size.stored} stored runs: ${stored_ms.toFixed(2)} ms of a core a run`);
    const measured = async (queries: readonly string[]) => {
      const times: number[] = [];
      for (let round = 0; round < size.lists; round++) for (const query of queries) times.push(await many.list(query));
      return times;
    };
    const [lists, rare] = [await measured(LISTS), await measured(RARE_LISTS)];
    const cost = (name: string, value: number, baseline: { name: string; value: number }): Figure => ({
      scenario: 'n',
      name,
      value,
      unit: 'ms of a core',
      baseline,
      bound: { of: 'ratio', kind: 'at-most', limit: 1.15 },
      details: { runs: size.sample },
    });
    const value = (name: string, figure: number, unit: string, bound: Figure['bound'], details: Figure['details'] = {}): Figure => ({
      scenario: 'n',
      name,
      value: figure,
      unit,
      baseline: null,
      bound,
      details,
    });
    const atMost = (limit: number) => ({ of: 'value', kind: 'at-most', limit }) as const;
    const [atOnce, atEase] = [many.watch.placementMs(all.ids), many.watch.placementMs(steady)];
    return [
      value(
        `lifecycles, ${size.many} hosts, ${size.runs} runs`,
        all.perSecond,
        '/s',
        { of: 'value', kind: 'at-least', limit: 500 },
        {
          'ms of a core a run, Berth': (used * 1000) / size.runs,
          'ms of a core a run, client and hosts of the bench': (usedByBench * 1000) / size.runs,
        },
      ),
      value('create to placed, as fast as it goes, p99', percentile(atOnce, 0.99), 'ms', atMost(1000), { p50: percentile(atOnce, 0.5) }),
      value(`create to placed, ${STEADY_PER_SECOND} creates/s, p99`, percentile(atEase, 0.99), 'ms', atMost(1000), {
        p50: percentile(atEase, 0.5),
      }),
      value('connections to Redis', redisConnections, '', atMost(50)),
      value('api, resident at most', memory, 'MB', atMost(600)),
      cost(`a run, ${size.many} hosts`, many_ms, { name: `${size.few} hosts`, value: few_ms }),
      cost(`a run, ${size.stored} stored`, stored_ms, { name: `before`, value: many_ms }),
      value(`list of ${size.stored} runs, p99`, percentile(lists, 0.99), 'ms', atMost(LIST_BOUND_MS), spread(lists)),
      value(`list by what hardly one of ${size.stored} has, p99`, percentile(rare, 0.99), 'ms', atMost(LIST_BOUND_MS), spread(rare)),
    ];
  } finally {
    await many.close();
    redis.disconnect();
  }
}

/** A workspace with so many simulated hosts, and a client that watches it. */
async function openFleet({ berth }: BenchStage, slug: string, count: number) {
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
    /** Milliseconds of a core, of api, Postgres and Redis together, in some samples: of what tidies up in one of them the others are free. */
    async costsOf(runs: number, cpu: () => number, progress: (line: string) => void): Promise<number[]> {
      const costs: number[] = [];
      for (let time = 0; time < SAMPLES; time++) {
        const before = cpu();
        await runBurst(runs, progress);
        costs.push(((cpu() - before) * 1000) / runs);
      }
      return costs;
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
