import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FENCE_MARGIN_SECONDS, fenceAfterSeconds, replacedAfterSeconds } from './fence-times.ts';

const limits = { lostSeconds: 300, seconds: 15 };

it('a run that is not fenced has the time that it asked for', () => {
  const spec = { selfFence: false, stopGraceSeconds: null, lostAfterSeconds: 60 };
  expect(fenceAfterSeconds(spec, limits)).toBeNull();
  expect(replacedAfterSeconds(spec, limits)).toBe(60);
  expect(replacedAfterSeconds({ ...spec, lostAfterSeconds: null }, limits)).toBeNull();
});

it('a fenced one is stopped in time, its grace period included', () => {
  expect(fenceAfterSeconds({ selfFence: true, stopGraceSeconds: 30, lostAfterSeconds: null }, limits)).toBe(260);
});

it('whatever is asked for, it is replaced only after it is surely stopped, and not stopped for a missed heartbeat', () => {
  fc.assert(
    fc.property(fc.nat(3600), fc.integer({ min: 10, max: 3600 }), (stopGraceSeconds, lostAfterSeconds) => {
      const spec = { selfFence: true, stopGraceSeconds, lostAfterSeconds };
      const fence = fenceAfterSeconds(spec, limits) ?? 0;
      expect(fence).toBeGreaterThanOrEqual(limits.seconds);
      expect(replacedAfterSeconds(spec, limits)).toBe(fence + stopGraceSeconds + FENCE_MARGIN_SECONDS);
      expect(replacedAfterSeconds(spec, limits)).toBeGreaterThanOrEqual(lostAfterSeconds);
    }),
  );
});
