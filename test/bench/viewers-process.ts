/**
 * A process of many viewers of one log that notes how old each line is when each of them has it. One of its own, and with a young generation and a first
 * limit of its old one so large that it does not collect while it measures: else its pauses are measured too.
 * Started by startViewers; says "ready" once all are connected, and ends when its parent goes away.
 */
import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { uptime } from 'node:os';
import { createHistogram, type Histogram } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Account } from '../support/client.ts';
import { LightViewer, type Received } from './light-viewer.ts';

export interface ViewersOptions {
  account: Account;
  count: number;
}

const agesSchema = z.object({ lines: z.number(), min: z.number(), p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() });
/** Milliseconds, of every line for every viewer. */
export type Ages = z.infer<typeof agesSchema>;

const requestSchema = z.union([z.object({ follow: z.string() }), z.object({ measuring: z.boolean() })]);
const answerSchema = z.union([z.literal('ready'), z.object({ ages: agesSchema }), z.object({ failed: z.string() })]);

export interface Viewers {
  /** All of them, to its end. A line of it begins with the hundredths of a second since the machine started. */
  follow(run: string): Promise<Ages>;
  /** Only what comes meanwhile counts. */
  measure(on: boolean): void;
  end(): Promise<void>;
}

const CONNECT_AT_ONCE = 50;
const NO_COLLECTION = ['--max-semi-space-size=64', '--min-semi-space-size=64', '--initial-old-space-size=2048'];

export async function startViewers(options: ViewersOptions): Promise<Viewers> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: NO_COLLECTION });
  const exited = once(child, 'exit');
  const ended = exited.then(([code]) => Promise.reject(new Error(`the viewers ended with ${code}`)));
  ended.catch(() => undefined);
  const answer = async () => {
    const [said] = await Promise.race([once(child, 'message'), ended]);
    const answered = answerSchema.parse(said);
    if (answered !== 'ready' && 'failed' in answered) throw new Error(answered.failed);
    return answered;
  };
  await answer();
  return {
    async follow(run) {
      const complete = answer();
      child.send({ follow: run });
      const answered = await complete;
      if (answered === 'ready' || !('ages' in answered)) throw new Error('the viewers have no ages');
      return answered.ages;
    },
    measure: (measuring) => void child.send({ measuring }),
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

interface Batch {
  bytes: number;
  /** Milliseconds of the machine's uptime: of each line. */
  writtenAt: number[];
  /** The same, for each viewer that was measured. */
  takenAt: number[];
}

class Measured {
  measuring = false;
  readonly #viewers: readonly LightViewer[];
  readonly #batches = new Map<Received, Batch>();
  /** Asking the system for its uptime at every batch of every viewer took a sixth of this process. */
  readonly #booted = uptime() * 1000 - performance.now();

  constructor(viewers: readonly LightViewer[]) {
    this.#viewers = viewers;
  }

  async follow(run: string): Promise<Ages> {
    const bytes = await Promise.all(
      this.#viewers.map(async (viewer) => {
        let sum = 0;
        await viewer.followLog(run, (received) => {
          sum += this.#take(received);
        });
        return sum;
      }),
    );
    if (new Set(bytes).size !== 1) throw new Error(`viewers have received different numbers of bytes: ${[...new Set(bytes)].join(', ')}`);
    const ages = agesOf(this.#batches.values());
    const percentile = (share: number) => ages.percentile(share);
    return { lines: ages.count, min: ages.min, p50: percentile(50), p90: percentile(90), p99: percentile(99), max: ages.max };
  }

  /** Reading every line for every viewer would measure this process: a batch is read once, and each viewer's time is noted. */
  #take(received: Received): number {
    const batch = this.#batches.get(received) ?? batchOf(received);
    this.#batches.set(received, batch);
    if (this.measuring) batch.takenAt.push(this.#booted + performance.now());
    return batch.bytes;
  }
}

/** Throws where output was dropped: at this pace nothing may be. */
function batchOf({ chunks }: Received): Batch {
  const gap = chunks.find(({ dropped }) => dropped > 0);
  if (gap) throw new Error(`${gap.dropped} bytes were dropped`);
  const text = Buffer.concat(chunks.map(({ data }) => data)).toString('latin1');
  // Up to the first line's end may be the rest of a line.
  const writtenAt = [...text.slice(text.indexOf('\n') + 1).matchAll(/^\d+(?= )/gm)].map(([hundredths]) => Number(hundredths) * 10);
  return { bytes: text.length, writtenAt, takenAt: [] };
}

function agesOf(batches: Iterable<Batch>): Histogram {
  const ages = createHistogram();
  for (const { writtenAt, takenAt } of batches) {
    for (const taken of takenAt) for (const written of writtenAt) ages.record(Math.max(1, Math.round(taken - written)));
  }
  return ages;
}

async function main({ account, count }: ViewersOptions): Promise<void> {
  process.on('disconnect', () => process.exit(0));
  const viewers: LightViewer[] = [];
  while (viewers.length < count) {
    const some = Math.min(CONNECT_AT_ONCE, count - viewers.length);
    viewers.push(...(await Promise.all(Array.from({ length: some }, () => LightViewer.connect(account)))));
  }
  const measured = new Measured(viewers);
  const requests = on(process, 'message');
  process.send?.('ready');
  for await (const [said] of requests) {
    const request = requestSchema.parse(said);
    if ('measuring' in request) measured.measuring = request.measuring;
    else {
      measured.follow(request.follow).then(
        (ages) => process.send?.({ ages }),
        (error: unknown) => process.send?.({ failed: String(error) }),
      );
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(JSON.parse(process.argv[2] ?? ''));
