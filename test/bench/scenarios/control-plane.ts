/**
 * (d) Whole lives of runs on simulated hosts, which speak the real protocol: how many a second, and how long from the create to
 * placed. Beside it: a bare insert into the same Postgres.
 */
import { bareInsertsPerSecond } from '../bare-insert.ts';
import { ConsoleClient } from '../console-client.ts';
import { type Figure, median, percentile } from '../figures.ts';
import { burst, steadyLoad, Watch } from '../lifecycles.ts';
import { QuickClient } from '../quick-client.ts';
import { startSimulatedHosts } from '../simulated-hosts.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const CREATES_AT_ONCE = 64;
/** Of the second part: a load that leaves room, so that what is measured is placement and not the queue before it. */
const STEADY_PER_SECOND = 50;

export async function controlPlane(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const [hosts, runs] = quick ? [10, 500] : [100, 10_000];
  // A workspace of its own: the real host of the stage shall not get these.
  const client = await stage.berth.tenant('bench-control-plane');
  const { token } = await client.createJoinToken({ maxUses: null });
  const image = 'hello-world:latest';
  const simulated = await startSimulatedHosts({ url: client.account.url, joinTokens: [token], count: hosts, image });
  const socket = await ConsoleClient.connect(client.account);
  const creator = new QuickClient(client.account, CREATES_AT_ONCE);
  try {
    progress(`${hosts} simulated hosts are connected`);
    const watch = new Watch();
    await watch.begin(socket);
    const create = async () => {
      const start = performance.now();
      const id = await creator.createRun({ image, pullPolicy: 'if-not-present' });
      watch.created.set(id, start);
      return id;
    };
    const insertsBefore = await bareInsertsPerSecond(stage.berth.databaseUrl, runs);
    progress(`${Math.round(insertsBefore)} bare inserts a second`);

    const { ids, createdInSeconds, perSecond } = await burst(watch, create, { runs, atOnce: CREATES_AT_ONCE, progress });
    const insertsAfter = await bareInsertsPerSecond(stage.berth.databaseUrl, runs);

    const steady = await steadyLoad(create, STEADY_PER_SECOND, quick ? 3 : 10);
    await watch.allEnded(steady, 60_000);

    const atOnce = watch.placementMs(ids);
    const atEase = watch.placementMs(steady);
    const milliseconds = (name: string, value: number, samples: number): Figure => ({
      scenario: 'd',
      name,
      value,
      unit: 'ms',
      baseline: null,
      bound: null,
      details: { samples },
    });
    return [
      {
        scenario: 'd',
        name: `lifecycles, ${hosts} hosts, ${runs} runs`,
        value: perSecond,
        unit: '/s',
        baseline: { name: 'bare inserts', value: median([insertsBefore, insertsAfter]) },
        bound: { of: 'value', kind: 'at-least', limit: 200 },
        details: {
          createsPerSecond: Math.round(runs / createdInSeconds),
          insertsBefore: Math.round(insertsBefore),
          insertsAfter: Math.round(insertsAfter),
        },
      },
      milliseconds('create to placed, as fast as it goes, p50', percentile(atOnce, 0.5), atOnce.length),
      milliseconds('create to placed, as fast as it goes, p99', percentile(atOnce, 0.99), atOnce.length),
      milliseconds(`create to placed, ${STEADY_PER_SECOND} creates/s, p50`, percentile(atEase, 0.5), atEase.length),
      milliseconds(`create to placed, ${STEADY_PER_SECOND} creates/s, p99`, percentile(atEase, 0.99), atEase.length),
    ];
  } finally {
    creator.close();
    socket.close();
    await simulated.end();
  }
}
