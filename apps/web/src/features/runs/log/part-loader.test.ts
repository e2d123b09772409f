import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { LogPart } from './log-part.ts';
import { PartLoader } from './part-loader.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const part = (from: number): LogPart => ({
  from,
  to: from + 10,
  dropped: 0,
  counted: { stdout: 1, stderr: 0 },
  rows: {},
  lines: null,
});

/** Reads end when they are told to, or are given up. */
class Reads {
  readonly begun: number[] = [];
  readonly givenUp: number[] = [];
  readonly ends = new Map<number, { done: () => void; fail: () => void }>();
  failures = 0;
  readonly loader = new PartLoader(
    (one, signal) =>
      new Promise((resolve, reject) => {
        this.begun.push(one.from);
        const done = () => {
          one.lines = [];
          resolve();
        };
        this.ends.set(one.from, { done, fail: () => reject(new Error('away')) });
        signal.addEventListener('abort', () => {
          this.givenUp.push(one.from);
          reject(signal.reason);
        });
      }),
    (error) => {
      if (error !== null) this.failures++;
    },
  );
}

it('reads the nearest parts first, a few at a time', async () => {
  const reads = new Reads();
  reads.loader.want([part(30), part(20), part(40), part(10)]);
  expect(reads.begun).toEqual([]);
  await vi.advanceTimersByTimeAsync(60);
  expect(reads.begun).toEqual([30, 20, 40]);
  reads.ends.get(20)?.done();
  await vi.advanceTimersByTimeAsync(0);
  expect(reads.begun).toEqual([30, 20, 40, 10]);
});

it('reads nothing of what is only passed by, gives up what is out of sight, and waits for no more than a moment all the same', async () => {
  const reads = new Reads();
  const first = part(0);
  reads.loader.want([first]);
  await vi.advanceTimersByTimeAsync(60);
  for (let place = 1; place <= 4; place++) {
    reads.loader.want([part(place * 10)]);
    await vi.advanceTimersByTimeAsync(40);
  }
  expect([reads.begun, reads.givenUp]).toEqual([[0], [0]]);
  for (let place = 5; place <= 12; place++) {
    reads.loader.want([part(place * 10)]);
    await vi.advanceTimersByTimeAsync(40);
  }
  expect(reads.begun.length).toBeGreaterThan(1);
  expect(reads.failures).toBe(0);
});

it('tries again what could not be read', async () => {
  const reads = new Reads();
  reads.loader.want([part(0)]);
  await vi.advanceTimersByTimeAsync(60);
  reads.ends.get(0)?.fail();
  await vi.advanceTimersByTimeAsync(0);
  expect([reads.begun, reads.failures]).toEqual([[0], 1]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(reads.begun).toEqual([0, 0]);
  reads.loader.close();
});
