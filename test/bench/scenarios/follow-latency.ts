/**
 * (j) From a container's write to a console that follows its log, against `docker run` attached to a pipe. The container tells the kernel's time in
 * microseconds, which is the time of this process too; the one that reads the clock is the one that writes.
 */
import { ConsoleClient } from '../console-client.ts';
import { dockerRun } from '../docker-cli.ts';
import { type Figure, median, percentile, spread } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const APART_US = 50_000;
/** The first ones are late because the follower has to catch up. */
const UNCOUNTED = 20;

/** adjtimex without arguments asks, sets nothing, and ends with 5 where no clock server has set the clock. */
const script = (lines: number) => `i=0; while [ $i -lt ${lines} ]; do adjtimex || true; i=$((i + 1)); usleep ${APART_US}; done`;

class Ages {
  readonly milliseconds: number[] = [];
  #text = '';

  readonly take = (data: Uint8Array): void => {
    const now = performance.timeOrigin + performance.now();
    this.#text += Buffer.from(data).toString();
    for (;;) {
      const found = /time\.tv_sec:\s+(\d+)\s+time\.tv_usec:\s+(\d+)\n/.exec(this.#text);
      if (!found) return;
      this.milliseconds.push(now - (Number(found[1]) * 1000 + Number(found[2]) / 1000));
      this.#text = this.#text.slice(found.index + found[0].length);
    }
  };

  counted(lines: number): number[] {
    if (this.milliseconds.length !== lines) throw new Error(`${this.milliseconds.length} of ${lines} lines arrived`);
    return this.milliseconds.slice(UNCOUNTED);
  }
}

export async function followLatency({ berth, engine, shellImage }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = berth;
  const rounds = quick ? 1 : 3;
  const lines = UNCOUNTED + (quick ? 60 : 200);
  const args = ['sh', '-c', script(lines)];
  const socket = await ConsoleClient.connect(client.account);
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < rounds; round++) {
      const [followed, attached] = [new Ages(), new Ages()];
      const { metadata } = await client.createRun({ image: shellImage, args, pullPolicy: 'if-not-present' });
      await socket.followLog(metadata.id, ({ data }) => followed.take(data));
      await dockerRun(engine.host, [shellImage, ...args], attached.take);
      ours.push(...followed.counted(lines));
      theirs.push(...attached.counted(lines));
      progress(
        `p50 ${median(ours).toFixed(1)} ms, p99 ${percentile(ours, 0.99).toFixed(1)} ms; docker run p50 ${median(theirs).toFixed(1)} ms`,
      );
    }
  } finally {
    socket.close();
  }
  const figure = (name: string, of: (values: readonly number[]) => number, bound: Figure['bound']): Figure => ({
    scenario: 'j',
    name: `from a container's write to a follower's socket, ${name}`,
    value: of(ours),
    unit: 'ms',
    baseline: { name: 'docker run on a pipe', value: of(theirs) },
    bound,
    details: spread(ours),
  });
  return [figure('p50', median, { of: 'value', kind: 'at-most', limit: 40 }), figure('p99', (values) => percentile(values, 0.99), null)];
}
