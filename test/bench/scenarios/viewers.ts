/**
 * (g) Many viewers of one run: how old a line is when a viewer has it, from the container's own clock, and what the viewers cost the api in
 * memory. The viewers are in this process and take their part of the machine.
 */
import { uptime } from 'node:os';

import { type Figure, percentile, spread } from '../figures.ts';
import { LightViewer } from '../light-viewer.ts';
import { residentMB } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
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
  const sockets: LightViewer[] = [];
  for (let n = 0; n < count; n += 50) {
    sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => LightViewer.connect(client.account)))));
  }
  try {
    const { metadata } = await client.createRun({ image: shellImage, args: ['sh', '-c', script(seconds)], pullPolicy: 'if-not-present' });
    const ages: number[] = [];
    const bytes = new Array<number>(count).fill(0);
    const started = performance.now();
    let measuring = false;
    // Decoding every line for every viewer would measure this process: one line a piece tells the age of its oldest one.
    const take = (viewer: number) => (chunk: { data: Uint8Array; dropped: number }) => {
      if (chunk.dropped > 0) throw new Error(`${chunk.dropped} bytes were dropped`);
      bytes[viewer] = (bytes[viewer] ?? 0) + chunk.data.length;
      if (!measuring) return;
      let hundredths = 0;
      // A piece may begin inside a line: the first whole one.
      for (let at = chunk.data.indexOf(10) + 1; at > 0 && at < chunk.data.length; at++) {
        const digit = (chunk.data[at] ?? 0) - 48;
        if (digit < 0 || digit > 9) break;
        hundredths = hundredths * 10 + digit;
      }
      if (hundredths > 0) ages.push(uptime() * 1000 - hundredths * 10);
    };
    const complete = Promise.all(sockets.map((socket, viewer) => socket.followLog(metadata.id, take(viewer))));
    const memory: number[] = [];
    const sampler = setInterval(() => {
      const past = (performance.now() - started) / 1000;
      if (past < WARM_UP_SECONDS || past > seconds - 2) {
        measuring = false;
        return;
      }
      measuring = true;
      memory.push(residentMB(berth.api.pid));
    }, 1000);
    await complete;
    clearInterval(sampler);
    if (new Set(bytes).size !== 1) throw new Error(`viewers have received different numbers of bytes: ${[...new Set(bytes)].join(', ')}`);
    progress(
      `p50 ${percentile(ages, 0.5).toFixed(0)} ms, p99 ${percentile(ages, 0.99).toFixed(0)} ms, api ${memory.map((mb) => mb.toFixed(0)).join(' ')} MB`,
    );
    const [first, last] = [memory[0] ?? Number.NaN, memory.at(-1) ?? Number.NaN];
    return [
      {
        scenario: 'g',
        name: `age of a line at ${count} viewers of ${LINES_A_SECOND} lines/s, p99`,
        value: percentile(ages, 0.99),
        unit: 'ms',
        baseline: null,
        bound: { of: 'value', kind: 'at-most', limit: 100 },
        details: { ...spread(sample(ages)), pieces: ages.length },
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
    for (const socket of sockets) socket.close();
  }
}

/** At most 100,000 of them: more cannot be arguments of one call. */
const sample = (values: readonly number[]): number[] => {
  const step = Math.ceil(values.length / 100_000);
  return values.filter((_, index) => index % step === 0);
};
