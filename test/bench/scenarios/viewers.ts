/**
 * (g) Many viewers of one run: how old a line is when a viewer has it, from the container's own clock, and what the viewers cost the api in
 * memory. They are a process of their own, and take their part of the machine.
 */
import type { Figure } from '../figures.ts';
import { residentMB } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import { startViewers } from '../viewers-process.ts';
import type { BenchOptions } from './index.ts';

const LINES_A_SECOND = 1000;
/** Until everybody has caught up and the api's memory has found its level. */
const WARM_UP_SECONDS = 10;

/**
 * As many lines as are due, each with the hundredths of a second since the machine started: the kernel's clock, which is the host's too, read
 * without a process of its own for it. It is rounded down, so an age is too great by up to 10 ms.
 */
const script = (seconds: number) => `
  now() { read t _ < /proc/uptime; n=\${t%.*}\${t#*.}; }
  now; start=$n; written=0
  while [ $written -lt ${seconds * LINES_A_SECOND} ]; do
    now; due=$(( (n - start) * ${LINES_A_SECOND / 100} )); text=
    while [ $written -lt $due ]; do text="$text$n a line of an ordinary length, as a web server writes them\\n"; written=$((written + 1)); done
    printf "$text"; usleep 5000
  done`;

export async function viewers({ berth, shellImage }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const count = quick ? 100 : 1000;
  const seconds = (quick ? 10 : 60) + WARM_UP_SECONDS;
  const { client } = berth;
  const viewers = await startViewers({ account: client.account, count });
  try {
    const { metadata } = await client.createRun({ image: shellImage, args: ['sh', '-c', script(seconds)], pullPolicy: 'if-not-present' });
    const started = performance.now();
    const complete = viewers.follow(metadata.id);
    const memory: number[] = [];
    const sampler = setInterval(() => {
      const past = (performance.now() - started) / 1000;
      const measuring = past >= WARM_UP_SECONDS && past <= seconds - 2;
      viewers.measure(measuring);
      if (measuring) memory.push(residentMB(berth.api.pid));
    }, 1000);
    const { lines, min, p50, p90, p99, max } = await complete.finally(() => clearInterval(sampler));
    progress(`p50 ${p50} ms, p99 ${p99} ms, api ${memory.map((mb) => mb.toFixed(0)).join(' ')} MB`);
    const [first, last] = [memory[0] ?? Number.NaN, memory.at(-1) ?? Number.NaN];
    return [
      {
        scenario: 'g',
        name: `age of a line at ${count} viewers of ${LINES_A_SECOND} lines/s, p99`,
        value: p99,
        unit: 'ms',
        baseline: null,
        bound: { of: 'value', kind: 'at-most', limit: 100 },
        details: { lines, min, p50, p90, p99, max },
      },
      {
        scenario: 'g',
        name: `memory of the api after ${seconds - WARM_UP_SECONDS} s of it`,
        value: last,
        unit: 'MB',
        baseline: { name: 'at their beginning', value: first },
        bound: { of: 'ratio', kind: 'at-most', limit: 1.15 },
        details: { most: Math.max(...memory) },
      },
    ];
  } finally {
    await viewers.end();
  }
}
