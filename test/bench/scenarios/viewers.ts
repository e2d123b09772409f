/**
 * (g) Many viewers of one run: how old a line is when a viewer has it, from the container's own clock, and what the viewers cost the api in
 * memory. The viewers are in this process and take their part of the machine.
 */
import { uptime } from 'node:os';
import { createHistogram, type Histogram } from 'node:perf_hooks';

import type { Figure } from '../figures.ts';
import { LightViewer, type Received } from '../light-viewer.ts';
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
    const batches = new Map<Received, Batch>();
    const bytes = new Array<number>(count).fill(0);
    const started = performance.now();
    let measuring = false;
    // Asking the system for its uptime at every batch of every viewer took a sixth of this process.
    const booted = uptime() * 1000 - performance.now();
    // Reading every line for every viewer would measure this process: a batch is read once, and each viewer's time is noted.
    const take = (viewer: number) => (received: Received) => {
      const batch = batches.get(received) ?? batchOf(received);
      if (!batches.has(received)) batches.set(received, batch);
      bytes[viewer] = (bytes[viewer] ?? 0) + batch.bytes;
      if (measuring) batch.takenAt.push(booted + performance.now());
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
    const ages = agesOf(batches.values());
    if (new Set(bytes).size !== 1) throw new Error(`viewers have received different numbers of bytes: ${[...new Set(bytes)].join(', ')}`);
    progress(`p50 ${ages.percentile(50)} ms, p99 ${ages.percentile(99)} ms, api ${memory.map((mb) => mb.toFixed(0)).join(' ')} MB`);
    const [first, last] = [memory[0] ?? Number.NaN, memory.at(-1) ?? Number.NaN];
    return [
      {
        scenario: 'g',
        name: `age of a line at ${count} viewers of ${LINES_A_SECOND} lines/s, p99`,
        value: ages.percentile(99),
        unit: 'ms',
        baseline: null,
        bound: { of: 'value', kind: 'at-most', limit: 100 },
        details: {
          lines: ages.count,
          min: ages.min,
          p50: ages.percentile(50),
          p90: ages.percentile(90),
          p99: ages.percentile(99),
          max: ages.max,
        },
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

interface Batch {
  bytes: number;
  /** Milliseconds of the machine's uptime: of each line. */
  writtenAt: number[];
  /** The same, for each viewer that was measured. */
  takenAt: number[];
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

/** Milliseconds: of every line, for every viewer. */
function agesOf(batches: Iterable<Batch>): Histogram {
  const ages = createHistogram();
  for (const { writtenAt, takenAt } of batches) {
    for (const taken of takenAt) for (const written of writtenAt) ages.record(Math.max(1, Math.round(taken - written)));
  }
  return ages;
}
