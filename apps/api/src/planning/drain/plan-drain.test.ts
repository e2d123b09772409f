import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DrainedAttempt, MOST_MOVING, planDrain } from './plan-drain.ts';

const attempt = (change: Partial<DrainedAttempt> = {}): DrainedAttempt => ({
  id: 'att_1',
  runId: 'run_1',
  runName: 'web',
  movable: true,
  ending: false,
  evicted: false,
  hasRoom: true,
  service: null,
  ...change,
});
const plan = (...attempts: DrainedAttempt[]) => planDrain({ attempts, hostIsReady: true, before: null });

describe('a drain', () => {
  it('moves what may be moved and has room elsewhere', () => {
    expect(plan(attempt())).toEqual({ evict: ['att_1'], progress: { total: 1, left: 1, moving: 1, holds: [] }, drained: false });
  });

  it('leaves what has nowhere to go, or may not be moved, and names it with the reason', () => {
    const { evict, progress } = plan(attempt({ hasRoom: false }), attempt({ id: 'att_2', movable: false }));
    expect(evict).toEqual([]);
    expect(progress.holds.map(({ message }) => message)).toEqual([
      'no other host fits it: it goes on here until one does',
      'it may not be moved (neither "restart: always" nor "onHostLost: replace"): it stays until it ends, or is stopped',
    ]);
  });

  it('asks nothing of a host that is not heard', () => {
    expect(planDrain({ attempts: [attempt()], hostIsReady: false, before: null })).toMatchObject({
      evict: [],
      progress: { holds: [{ message: 'the host is not heard: it cannot be told to stop it' }] },
    });
  });

  it('is over when nothing is left, and remembers how much there was', () => {
    expect(planDrain({ attempts: [], hostIsReady: true, before: { total: 7, left: 1 } })).toEqual({
      evict: [],
      progress: { total: 7, left: 0, moving: 0, holds: [] },
      drained: true,
    });
  });

  const anyAttempts = fc
    .array(fc.record({ movable: fc.boolean(), ending: fc.boolean(), evicted: fc.boolean(), hasRoom: fc.boolean() }), { maxLength: 40 })
    .map((list) => list.map((one, index) => attempt({ ...one, id: `att_${String(index).padStart(3, '0')}`, runId: `run_${index}` })));

  it('never has more than so many without a container, and never stops what has nowhere to go', () => {
    fc.assert(
      fc.property(anyAttempts, (attempts) => {
        const { evict, progress } = plan(...attempts);
        const before = attempts.filter(({ evicted, ending }) => evicted && ending).length;
        expect(evict.length === 0 || progress.moving <= MOST_MOVING).toBe(true);
        expect(progress.moving).toBe(before + evict.length);
        for (const id of evict)
          expect(attempts.find((one) => one.id === id)).toMatchObject({ movable: true, hasRoom: true, ending: false });
      }),
    );
  });

  it('that was carried out comes to its end where all may be moved', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 30 }), (count) => {
        let there = Array.from({ length: count }, (_, index) => attempt({ id: `att_${index}`, runId: `run_${index}` }));
        let rounds = 0;
        for (let now = plan(...there); !now.drained; now = plan(...there)) {
          const gone = new Set(now.evict);
          there = there.filter(({ id }) => !gone.has(id));
          expect(++rounds).toBeLessThanOrEqual(count);
        }
        expect(there).toEqual([]);
      }),
    );
  });
});
