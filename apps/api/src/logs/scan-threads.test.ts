import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ScanThreads } from './scan-threads.ts';
import type { ScanOrder } from './scan-worker.ts';
import { packSegment } from './segment.ts';

const THREADS = Math.max(1, Math.min(4, availableParallelism()));
const staying = new AbortController().signal;

let threads: ScanThreads;
let workers: Worker[];
const started = (worker: Worker) => void workers.push(worker);

beforeEach(() => {
  workers = [];
  process.on('worker', started);
  threads = new ScanThreads();
});
afterEach(() => {
  process.off('worker', started);
  threads.onModuleDestroy();
});

async function order(text: string): Promise<ScanOrder> {
  const data = new Uint8Array(Buffer.from(text));
  const piece = {
    position: 0,
    attempt: 1,
    stream: 'stdout',
    streamOffset: 0,
    at: new Date(0),
    dropped: 0,
    droppedReason: null,
    data,
  } as const;
  const packed = await packSegment([piece]);
  const wanted = { text: 'needle', regex: false, ignoreCase: false, field: 'q' };
  return { hex: packed.toString('hex'), bytes: text.length, from: 0, stream: undefined, wanted };
}

const numbered = (number: number) => order(`first\n${'hay\n'.repeat(1000)}needle ${number}\nlast\n`);
const foundBy = async (wanted: Promise<ScanOrder>) => {
  const { found } = await threads.scan(await wanted, staying);
  return found.map(({ line }) => line.data.toString());
};

it('a thread that dies loses neither what it was asked for nor what waits behind it', async () => {
  const orders = await Promise.all(Array.from({ length: 20 }, (_, number) => numbered(number)));
  const answers = orders.map((one) => threads.scan(one, staying));
  // It is told a moment after it was made.
  await new Promise((resolve) => setImmediate(resolve));
  expect(workers).toHaveLength(THREADS);
  await Promise.all(workers.map((worker) => worker.terminate()));
  const scans = await Promise.all(answers);
  expect(scans.map(({ found }) => found.map(({ line }) => line.data.toString()))).toEqual(orders.map((_, number) => [`needle ${number}`]));
  expect(workers.length).toBeGreaterThan(THREADS);
});

it('what two threads have died over is given up, and what comes later is answered', async () => {
  const killed = (worker: Worker) => void worker.terminate();
  const one = await numbered(1);
  process.on('worker', killed);
  const answer = threads.scan(one, staying);
  await expect(answer).rejects.toThrow('The search was ended.');
  process.off('worker', killed);
  expect(await foundBy(numbered(2))).toEqual(['needle 2']);
});
