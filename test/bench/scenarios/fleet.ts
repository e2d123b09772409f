/**
 * (n) A large fleet: 1,000 simulated hosts and 100,000 runs on them; what a run costs with 10 hosts and with 1,000, with a thousand stored runs
 * and with a million; and the list of a million runs. Costs are processor time of api, Postgres and Redis, which another load on the machine does not
 * change by much.
 */
import { type Figure, median, percentile, spread } from '../figures.ts';
import { steadyLoad } from '../lifecycles.ts';
import { meterOf, openFleet } from '../open-fleet.ts';
import { residentMB } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import { storeRuns } from '../stored-runs.ts';
import { fleetSize } from './fleet-size.ts';
import type { BenchOptions } from './index.ts';

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
    ? { many: 50, sample: 500, runs: 2_000, stored: 20_000, lists: 20 }
    : { many: 1_000, sample: 10_000, runs: 100_000, stored: 1_000_000, lists: 100 };
  const ofSize = await fleetSize({ quick, progress });
  const { berth } = stage;
  const meter = await meterOf(berth);
  const connections = async () => Number(/connected_clients:(\d+)/.exec(await meter.redis.info('clients'))?.[1]) - 1;

  const many = await openFleet(berth, 'bench-fleet', size.many);
  try {
    progress(`${size.many} simulated hosts are connected`);
    const cost = async () => {
      const samples: number[] = [];
      for (let time = 0; time < SAMPLES; time++) samples.push(await many.costOf(size.sample, meter, progress));
      return median(samples);
    };
    await many.burst(size.sample / 10, () => undefined);
    const before_ms = await cost();
    const [cpuBefore, benchBefore] = [meter.cpu(), many.benchCpu()];
    const all = await many.burst(size.runs, progress);
    const [used, usedByBench] = [meter.cpu() - cpuBefore, many.benchCpu() - benchBefore];
    const redisConnections = await connections();
    const memory = residentMB(berth.api.pid, 'VmHWM');
    const steady = await steadyLoad(many.create, STEADY_PER_SECOND, quick ? 3 : 15);
    await many.watch.allEnded(steady, 60_000);
    const took = await storeRuns(berth.databaseUrl, { workspace: 'bench-fleet', runs: size.stored });
    progress(`${size.stored} stored runs are written in ${took.toFixed(0)} s`);
    const stored_ms = await cost();
    progress(`${size.stored} stored runs: ${stored_ms.toFixed(2)} ms of a core a run`);
    const measured = async (queries: readonly string[]) => {
      const times: number[] = [];
      for (let round = 0; round < size.lists; round++) for (const query of queries) times.push(await many.list(query));
      return times;
    };
    const [lists, rare] = [await measured(LISTS), await measured(RARE_LISTS)];
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
      ofSize,
      {
        scenario: 'n',
        name: `a run, ${size.stored} stored`,
        value: stored_ms,
        unit: 'ms of a core',
        baseline: { name: 'before', value: before_ms },
        bound: { of: 'ratio', kind: 'at-most', limit: 1.15 },
        details: { 'runs a sample': size.sample },
      },
      value(`list of ${size.stored} runs, p99`, percentile(lists, 0.99), 'ms', atMost(LIST_BOUND_MS), spread(lists)),
      value(`list by what hardly one of ${size.stored} has, p99`, percentile(rare, 0.99), 'ms', atMost(LIST_BOUND_MS), spread(rare)),
    ];
  } finally {
    await many.close();
    meter.redis.disconnect();
  }
}
