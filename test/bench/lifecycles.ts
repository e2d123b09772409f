/** Whole lives of runs, from their creates to their ends, by the event stream and the clock of this process. */
import { setTimeout as delay } from 'node:timers/promises';
import { isTerminal } from '@berth/shared/model/phase';
import { until } from '../../scripts/parts/until.ts';
import type { ConsoleClient } from './console-client.ts';

/** What the event stream said of each run. */
export class Watch {
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
    await until(() => this.ended.size >= ids.length && missing().length === 0, {
      what: 'every run to end',
      timeoutMs,
      describe: () => `${missing().length} of ${ids.length} have not, for example ${missing()[0]}`,
    });
    const bad = ids.find((id) => this.ended.get(id)?.phase !== 'exited');
    if (bad !== undefined) throw new Error(`${bad} ended as ${this.ended.get(bad)?.phase}`);
  }
}

export interface Burst {
  ids: string[];
  createdInSeconds: number;
  /** From the first create to the last end. */
  perSecond: number;
}

/** So many runs, created as fast as so many requests at a time can, and waited for to their ends. */
export async function burst(
  watch: Watch,
  create: () => Promise<string>,
  { runs, atOnce, progress }: { runs: number; atOnce: number; progress: (line: string) => void },
): Promise<Burst> {
  const ids: string[] = [];
  const start = performance.now();
  let begun = 0;
  const step = Math.max(1000, runs / 10);
  const lane = async () => {
    while (begun < runs) {
      begun++;
      ids.push(await create());
      if (ids.length % step === 0) progress(`${ids.length} created, ${watch.ended.size} ended, ${secondsSince(start).toFixed(1)} s`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  const createdInSeconds = secondsSince(start);
  await watch.allEnded(ids, 600_000);
  const lastEnd = Math.max(start, ...lastOf(ids.map((id) => watch.ended.get(id)?.at ?? 0)));
  return { ids, createdInSeconds, perSecond: runs / ((lastEnd - start) / 1000) };
}

/** Creates at a fixed rate, however long each one takes. */
export async function steadyLoad(create: () => Promise<string>, perSecond: number, forSeconds: number): Promise<string[]> {
  const under: Promise<string>[] = [];
  const start = performance.now();
  for (let number = 0; number < forSeconds * perSecond; number++) {
    const due = start + (number * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await delay(early);
    under.push(create());
  }
  return Promise.all(under);
}

const secondsSince = (start: number) => (performance.now() - start) / 1000;

/** More values than can be arguments of one call. */
const lastOf = (values: readonly number[]): number[] => [values.reduce((most, value) => Math.max(most, value), 0)];
