import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gatherMs, MOST_GATHER_MS } from './gather-time.ts';

it('asks nobody to wait where few reports come', () => {
  expect([0, 1, 50, 200].map(gatherMs)).toEqual([0, 0, 0, 0]);
});

it('asks for more with each report more, up to the most', () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.nat(10_000), (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)].map(gatherMs) as [number, number];
      expect(less).toBeLessThanOrEqual(more);
      expect(less).toBeGreaterThanOrEqual(0);
      expect(more).toBeLessThanOrEqual(MOST_GATHER_MS);
      expect(Number.isInteger(more)).toBe(true);
    }),
  );
  expect([600, 1000, 5000].map(gatherMs)).toEqual([50, 100, 100]);
});
