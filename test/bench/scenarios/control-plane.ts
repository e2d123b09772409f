/**
 * (d) Whole lives of runs on simulated hosts, which speak the real protocol: how many a second, and how long from the create to
 * placed. Beside it: a bare insert into the same Postgres.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '@berth/shared/model/phase';
import { until } from '../../../scripts/parts/until.ts';
import { bareInsertsPerSecond } from '../bare-insert.ts';
import { ConsoleClient } from '../console-client.ts';
import { type Figure, median, percentile } from '../figures.ts';
import { QuickClient } from '../quick-client.ts';
import { startSimulatedHosts } from '../simulated-hosts.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const CREATES_AT_ONCE = 64;
/** Of the second part: a load that leaves room, so that what is measured is placement and not the queue before it. */
const STEADY_PER_SECOND = 50;

/** What the event stream said of each run, by the clock of this process. */
class Watch {
  readonly created = new Map<string, number>();
  readonly placed = new Map<string, number>();
  readonly ended = new Map<string, { at: number; phase: string }>();

  async begin(socket: ConsoleClient): Promise<void> {
    await socket.followEvents((event) => {
      if (event.type !== 'run.phase') return;
      const at = performance.now();
      if (!this.placed.has(event.id) && event.data.phase !== 'queued') this.placed.set(event.id, at);
      if (isTerminal(event.data.phase)) this.ended.set(event.id, { at, phase: event.data.phase });
    });
  }

  placementMs(ids: Iterable<string>): number[] {
    return [...ids].map((id) => (this.placed.get(id) ?? Number.NaN) - (this.created.get(id) ?? Number.NaN));
  }

  /** Waits until each of these is over, and throws where one ended badly. */
  async allEnded(ids: readonly string[], timeoutMs: number): Promise<void> {
    const missing = () => ids.filter((id) => !this.ended.has(id));
    await until(() => missing().length === 0, {
      what: 'every run to end',
      timeoutMs,
      describe: () => `${missing().length} of ${ids.length} have not, for example ${missing()[0]}`,
    });
    const bad = ids.find((id) => this.ended.get(id)?.phase !== 'exited');
    if (bad !== undefined) throw new Error(`${bad} ended as ${this.ended.get(bad)?.phase}`);
  }
}

export async function controlPlane(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const [hosts, runs] = quick ? [10, 500] : [100, 10_000];
  // A workspace of its own: the real host of the stage shall not get these.
  const client = await stage.berth.tenant('bench-control-plane');
  const { token } = await client.createJoinToken({ maxUses: null });
  const image = 'hello-world:latest';
  const endHosts = await startSimulatedHosts({ url: client.account.url, joinToken: token, count: hosts, image });
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

    const burst: string[] = [];
    const start = performance.now();
    let begun = 0;
    const lane = async () => {
      while (begun < runs) {
        begun++;
        burst.push(await create());
        if (burst.length % 1000 === 0) progress(`${burst.length} created, ${watch.ended.size} ended, ${seconds(start).toFixed(1)} s`);
      }
    };
    await Promise.all(Array.from({ length: CREATES_AT_ONCE }, lane));
    const createdIn = seconds(start);
    progress(`all are created after ${createdIn.toFixed(1)} s`);
    await watch.allEnded(burst, 300_000);
    const lastEnd = Math.max(...burst.map((id) => watch.ended.get(id)?.at ?? 0));
    const perSecond = runs / ((lastEnd - start) / 1000);
    const insertsAfter = await bareInsertsPerSecond(stage.berth.databaseUrl, runs);

    const steady = await steadyLoad(create, quick ? 3 : 10);
    await watch.allEnded(steady, 60_000);

    const atOnce = watch.placementMs(burst);
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
          createsPerSecond: Math.round(runs / createdIn),
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
    await endHosts();
  }
}

const seconds = (since: number) => (performance.now() - since) / 1000;

/** Creates at a fixed rate, however long each one takes. */
async function steadyLoad(create: () => Promise<string>, forSeconds: number): Promise<string[]> {
  const under: Promise<string>[] = [];
  const start = performance.now();
  for (let number = 0; number < forSeconds * STEADY_PER_SECOND; number++) {
    const due = start + (number * 1000) / STEADY_PER_SECOND;
    const early = due - performance.now();
    if (early > 0) await delay(early);
    under.push(create());
  }
  return Promise.all(under);
}
