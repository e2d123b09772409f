import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { OutputSpool, type SpoolEntry } from './output-spool.ts';
import { SpoolRoom } from './spool-room.ts';

const home = mkdtempSync(join(tmpdir(), 'berth-spool-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const STREAMS = ['stdout', 'stderr'] as const;
type Stream = (typeof STREAMS)[number];

/** Bytes of a stream that are known by their place. */
const bytesAt = (offset: number, length: number) => Buffer.from(Array.from({ length }, (_, index) => ((offset + index) * 31) % 251));

class Writer {
  readonly written = { stdout: 0, stderr: 0 };
  readonly #read = { stdout: 0, stderr: 0 };
  dropped = 0;
  #at = 0;
  readonly spool: OutputSpool;
  constructor(spool: OutputSpool) {
    this.spool = spool;
  }
  write(stream: Stream, length: number): void {
    this.spool.write(stream, bytesAt(this.written[stream], length), ++this.#at);
    this.written[stream] += length;
  }
  /** Each byte stands where it was written, and each gap is as long as what is missing. */
  take(entries: readonly SpoolEntry[]): void {
    for (const { stream, data, dropped } of entries) {
      expect(data.equals(bytesAt(this.#read[stream], data.length))).toBe(true);
      this.#read[stream] += data.length + dropped;
      this.dropped += dropped;
    }
  }
  async readAll(): Promise<void> {
    while (!this.spool.empty) this.take(await this.spool.read());
    expect(this.#read).toEqual(this.written);
  }
}

it('gives back every byte in its place, or the number of those that are missing there, however it is written, read and short of room', async () => {
  const room = await SpoolRoom.open(home, 20_000);
  let number = 0;
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(fc.constantFrom(...STREAMS), fc.integer({ min: 1, max: 3000 })) },
    { weight: 1, arbitrary: fc.constant('read' as const) },
    { weight: 1, arbitrary: fc.constant('wait' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const writer = new Writer(room.spoolOf(`a${number++}`));
      for (const one of steps) {
        if (one === 'read') writer.take(await writer.spool.read());
        else if (one === 'wait') await new Promise((resolve) => setImmediate(resolve));
        else writer.write(...one);
      }
      await writer.readAll();
      writer.spool.close();
    }),
    { numRuns: 150 },
  );
  // All room is given back.
  expect(room.take(20_000)).toBe(true);
});

it('holds far more than its memory in files that go once they are read', async () => {
  const room = await SpoolRoom.open(home, 200_000_000);
  const writer = new Writer(room.spoolOf('large'));
  const piece = Buffer.alloc(64 * 1024, 'x');
  for (let written = 0; written < 600; written++) {
    writer.spool.write('stdout', piece, written);
    // The disk is written to meanwhile.
    await new Promise((resolve) => setImmediate(resolve));
  }
  let [bytes, dropped] = [0, 0];
  while (!writer.spool.empty) {
    for (const entry of await writer.spool.read()) {
      bytes += entry.data.length;
      dropped += entry.dropped;
    }
  }
  expect(bytes + dropped).toBe(600 * piece.length);
  expect(bytes).toBeGreaterThanOrEqual(16 * 1024 * 1024);
  expect(readdirSync(join(home, 'spool')).length).toBeLessThan(2);
  writer.spool.close();
});

it('states as lost what a disk that fails has not taken, and goes on', async () => {
  const room = await SpoolRoom.open(home, 1_000_000);
  rmSync(join(home, 'spool'), { recursive: true });
  const writer = new Writer(room.spoolOf('gone'));
  writer.write('stdout', 1000);
  writer.write('stderr', 500);
  await writer.readAll();
  expect(writer.dropped).toBe(1000);
  expect(room.take(1_000_000)).toBe(true);
});
