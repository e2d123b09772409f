import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginning } from './judge-rollout.ts';
import type { ReplicaState, ServiceInput, ServiceWishes } from './model.ts';
import { KEPT_ENDED, planService } from './plan-service.ts';
import { emptyService, fresh, simulate } from './simulate.ts';

const WISHES: ServiceWishes = {
  desired: 3,
  maxSurge: 1,
  maxUnavailable: 0,
  canary: 0,
  minReadyMs: 0,
  trialMs: 0,
  progressDeadlineMs: 600_000,
  drainMs: 0,
  rollBackOnFailure: true,
  paused: false,
};
const NOW = 1_000_000;

const up = (runId: string, slot: number, revision: number): ReplicaState => ({
  ...fresh(runId, slot, revision, NOW - 60_000),
  phase: 'running',
  readyAt: NOW - 50_000,
});
const running = (count: number, revision: number) =>
  Array.from({ length: count }, (_, index) => up(`run_${revision}_${String(index).padStart(4, '0')}`, index + 1, revision));

const rolling = (wishes: Partial<ServiceWishes>, replicas: readonly ReplicaState[]): ServiceInput => ({
  now: NOW,
  wishes: { ...WISHES, ...wishes },
  revision: 2,
  target: 1,
  lastGood: 1,
  rollout: null,
  pinned: true,
  deleted: false,
  replicas,
});
const settled = (count: number): ServiceInput => ({
  ...rolling({ desired: count }, running(count, 1)),
  revision: 1,
  rollout: { ...beginning(NOW - 60_000), state: 'done' },
});

describe('count', () => {
  test('a new service starts all of its replicas, once it is known which image they have', () => {
    expect(planService(emptyService(WISHES, NOW)).create).toEqual([{ slot: 1, revision: 1 }]);
    expect(planService({ ...emptyService(WISHES, NOW), pinned: true }).create.map(({ slot }) => slot)).toEqual([1, 2, 3]);
  });

  test('the first replica finds out which image it is, the others follow', () => {
    const steps = simulate(emptyService(WISHES, NOW));
    expect(steps.map(({ planned }) => planned.create.length).filter((count) => count > 0)).toEqual([1, 2]);
    expect(steps.at(-1)?.planned).toMatchObject({ good: true, rollout: { state: 'done' }, counts: { available: 3 } });
  });

  test('what ends is replaced in its place, and one that ends again and again after ever longer pauses', () => {
    const base = settled(3);
    const gone = (runId: string, at: number): ReplicaState => ({
      ...up(runId, 2, 1),
      phase: 'failed',
      ended: true,
      readyAt: null,
      endedAt: at,
    });
    const others = base.replicas.filter(({ slot }) => slot !== 2);
    expect(planService({ ...base, replicas: [...others, gone('run_a', NOW - 2000)] }).create).toEqual([{ slot: 2, revision: 1 }]);
    const ends = ['run_a', 'run_b', 'run_c'].map((id, index) => gone(id, NOW - 1000 + index));
    const waits = planService({ ...base, replicas: [...others, ...ends] });
    expect(waits).toMatchObject({ create: [], wakeAt: NOW - 998 + 4000, message: '2 of 3 available; what ended is replaced in 4 s' });
  });

  test('fewer are wanted: the highest places go, those that are not available first', () => {
    const base = settled(4);
    const replicas = base.replicas.map((replica) => (replica.slot === 2 ? { ...replica, readyAt: null } : replica));
    const plan = planService({ ...base, wishes: { ...base.wishes, desired: 2 }, replicas });
    expect(plan.stop.map((id) => replicas.find(({ runId }) => runId === id)?.slot)).toEqual([2, 4]);
  });

  test('only the newest of those that ended are kept', () => {
    const ended = Array.from({ length: KEPT_ENDED + 2 }, (_, index) => ({
      ...up(`run_0${String(index).padStart(2, '0')}`, 1, 1),
      ended: true,
      ending: true,
      readyAt: null,
    }));
    expect(planService({ ...settled(1), replicas: [...running(1, 1), ...ended] }).remove).toEqual(['run_001', 'run_000']);
  });

  test('a deleted service stops all of its replicas, and removes them', () => {
    const [first, ...others] = running(3, 1);
    const ended = { ...up('run_x', 1, 1), ended: true };
    expect(
      planService({ ...settled(3), deleted: true, replicas: [{ ...up('run_e', 1, 1), ending: true }, ...others, ended] }),
    ).toMatchObject({
      stop: others.map(({ runId }) => runId),
      remove: ['run_x'],
      create: [],
    });
    expect(first).toBeDefined();
  });
});

describe('roll-out', () => {
  test('start first: one more than asked for, and an old one goes when a new one is available', () => {
    const steps = simulate(rolling({}, running(3, 1)));
    const moves = steps.flatMap(({ planned }) => [
      ...planned.create.map(({ slot }) => `+${slot}`),
      ...planned.stop.map((id) => `-${id.slice(-1)}`),
    ]);
    expect(moves).toEqual(['+1', '-0', '+2', '-1', '+3', '-2']);
    expect(steps.at(-1)?.planned.rollout.state).toBe('done');
  });

  test('stop first: never more than asked for', () => {
    const steps = simulate(rolling({ maxSurge: 0, maxUnavailable: 1 }, running(2, 1)));
    expect(Math.max(...steps.map(({ replicas }) => replicas.filter(({ ended }) => !ended).length))).toBeLessThanOrEqual(3);
    expect(steps.at(-1)?.planned).toMatchObject({ rollout: { state: 'done' }, good: true });
  });

  test('behind a proxy one that is ready gets nothing new for a while before it is stopped', () => {
    const steps = simulate(rolling({ drainMs: 5000 }, running(1, 1)));
    const at = (move: 'leave' | 'stop') => steps.find(({ planned }) => planned[move].length > 0)?.now ?? 0;
    expect(at('stop') - at('leave')).toBe(5000);
    expect(steps.at(-1)?.planned).toMatchObject({ rollout: { state: 'done' }, counts: { available: 3, replicas: 3 } });
  });

  test('one that crashes in a loop only after the roll-out was done goes back as well, and is none to go back to', () => {
    const begun = { ...beginning(NOW - 10_000), state: 'done' as const, doneAt: NOW - 8000 };
    const loops = running(3, 2).map((replica) => ({ ...replica, createdAt: NOW - 9000, restarts: 3 }));
    const input = { ...rolling({}, loops), target: 2, rollout: begun };
    expect(planService(input)).toMatchObject({ target: 1, rollout: { state: 'rolled-back' }, bad: 2 });
    // Long after it, that is the container's own matter.
    expect(planService({ ...input, rollout: { ...begun, doneAt: NOW - 70_000 } })).toMatchObject({ target: 2, bad: null });
  });

  test('a new one without a check has to stay up for a while before an old one goes', () => {
    const steps = simulate(rolling({ trialMs: 2000 }, running(3, 1)));
    const first = steps.find(({ planned }) => planned.create.length > 0)?.now ?? 0;
    const stopped = steps.find(({ planned }) => planned.stop.length > 0)?.now ?? 0;
    expect(stopped - first).toBeGreaterThanOrEqual(3000);
    expect(steps.at(-1)?.planned).toMatchObject({ rollout: { state: 'done' }, counts: { available: 3 } });
  });

  test('a canary waits for a word, and goes on by it', () => {
    const steps = simulate(rolling({ canary: 1 }, running(3, 1)));
    const last = steps.at(-1);
    expect(last?.planned).toMatchObject({ rollout: { state: 'canary' }, counts: { updated: 1, available: 3 } });
    if (!last) throw new Error('no step');
    const promoted = { ...last.planned.rollout, promoted: true };
    const on = simulate({ ...rolling({ canary: 1 }, last.replicas), now: last.now, target: 2, rollout: promoted });
    expect(on.at(-1)?.planned).toMatchObject({ rollout: { state: 'done' }, counts: { updated: 3, available: 3 } });
  });

  test('a new one that ends rolls all of it back to the last good one', () => {
    const steps = simulate(rolling({}, running(3, 1)), ({ revision }) => revision === 1);
    expect(steps.at(-1)?.planned).toMatchObject({ target: 1, rollout: { state: 'rolled-back' }, counts: { available: 3 } });
    expect(steps.at(-1)?.planned.message).toContain('rolled back, because replica 1 did not stay: the container exited with 1');
  });

  test('with pause on failure it holds where it is, and what is missing is replaced by the last good one', () => {
    const steps = simulate(rolling({ rollBackOnFailure: false }, running(3, 1)), ({ revision }) => revision === 1);
    expect(steps.at(-1)?.planned).toMatchObject({ target: 2, rollout: { state: 'failed' }, counts: { available: 3, updated: 0 } });
  });

  test.each([
    ['restarts again and again', { restarts: 3 }, 'started again 3 times'],
    ['is unhealthy', { unhealthy: true }, 'is unhealthy'],
  ])('a new one that %s rolls back', (_, state, why) => {
    const begun = { ...beginning(NOW - 10_000) };
    const trouble = { ...fresh('run_2_0000', 1, 2, NOW - 9000), phase: 'running' as const, ...state };
    const plan = planService({ ...rolling({}, [...running(3, 1), trouble]), target: 2, rollout: begun });
    expect(plan).toMatchObject({ target: 1, rollout: { state: 'rolled-back' }, stop: ['run_2_0000'] });
    expect(plan.message).toContain(why);
  });

  test('without progress for the deadline it has failed; the time that somebody held it does not count', () => {
    const slow = fresh('run_2_0000', 1, 2, NOW - 700_000);
    const input = { ...rolling({}, [...running(3, 1), slow]), target: 2, rollout: beginning(NOW - 700_000) };
    expect(planService(input)).toMatchObject({ target: 1, rollout: { state: 'rolled-back' } });
    const held = planService({ ...input, rollout: { ...beginning(NOW - 700_000), state: 'paused' } });
    expect(held).toMatchObject({ target: 2, rollout: { state: 'rolling', progressAt: NOW }, wakeAt: NOW + 600_000 });
  });

  test('one that went with its host says nothing of its template', () => {
    const lost = { ...fresh('run_2_0000', 1, 2, NOW - 1000), phase: 'lost' as const, ended: true, endedAt: NOW - 500 };
    expect(planService({ ...rolling({}, [...running(3, 1), lost]), target: 2, rollout: beginning(NOW - 2000) })).toMatchObject({
      target: 2,
      rollout: { state: 'rolling' },
    });
  });
});

const wishes = fc
  .record({
    desired: fc.integer({ min: 0, max: 12 }),
    maxSurge: fc.integer({ min: 0, max: 4 }),
    maxUnavailable: fc.integer({ min: 0, max: 4 }),
    canary: fc.integer({ min: 0, max: 3 }),
    minReadyMs: fc.constantFrom(0, 3000),
    trialMs: fc.constantFrom(0, 2000),
    drainMs: fc.constantFrom(0, 5000),
    paused: fc.constant(false),
    rollBackOnFailure: fc.boolean(),
  })
  .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0);

const replica = fc.record({
  slot: fc.integer({ min: 1, max: 14 }),
  revision: fc.integer({ min: 1, max: 2 }),
  kind: fc.constantFrom('ready', 'ready', 'starting', 'ending', 'lost', 'ended'),
});

const states = fc.array(replica, { maxLength: 20 }).map((all) =>
  all.map(({ slot, revision, kind }, index): ReplicaState => {
    const runId = `run_${String(index).padStart(4, '0')}`;
    const base = up(runId, slot, revision);
    if (kind === 'starting') return { ...base, phase: 'pulling', readyAt: null };
    if (kind === 'ending') return { ...base, phase: 'stopping', ending: true, readyAt: null };
    if (kind === 'lost') return { ...base, ending: true, lost: true, readyAt: null };
    if (kind === 'ended') return { ...base, phase: 'exited', ended: true, ending: true, readyAt: null, endedAt: NOW - 40_000 };
    return base;
  }),
);

describe('for any wishes and any replicas', () => {
  const availableOf = (replicas: readonly ReplicaState[], now: number, minReadyMs: number) =>
    replicas.filter(
      ({ ended, ending, leavingAt, readyAt }) => !ended && !ending && leavingAt === null && readyAt !== null && now - readyAt >= minReadyMs,
    ).length;

  test('no step goes under the minimum or over the surge, and the roll-out ends', () => {
    fc.assert(
      fc.property(wishes, states, (some, replicas) => {
        const input = rolling(some, replicas);
        const steps = simulate(input);
        for (const { now, planned, replicas: before } of steps) {
          const { desired, maxSurge, maxUnavailable, minReadyMs } = input.wishes;
          const stopped = new Set([...planned.leave, ...planned.stop]);
          const left = availableOf(
            before.filter(({ runId }) => !stopped.has(runId)),
            now,
            minReadyMs,
          );
          const least = desired - maxUnavailable;
          expect(left).toBeGreaterThanOrEqual(Math.min(least, availableOf(before, now, minReadyMs)));
          const there = before.filter(({ ended, ending, lost }) => !ended && !(ending && lost)).length;
          if (planned.create.length > 0) expect(there + planned.create.length).toBeLessThanOrEqual(desired + maxSurge);
        }
        const last = steps.at(-1)?.planned;
        const holds = some.canary > 0 && some.canary < some.desired && last?.counts.updated !== some.desired;
        expect(last?.rollout.state).toBe(holds ? 'canary' : 'done');
        expect(last?.counts.replicas).toBe(some.desired);
        expect(last?.counts.available).toBe(some.desired);
      }),
      { numRuns: 300 },
    );
  });

  test('what is converged plans nothing, and the order of the replicas does not matter', () => {
    fc.assert(
      fc.property(wishes, states, fc.infiniteStream(fc.nat()), (some, replicas, order) => {
        const input = rolling(some, replicas);
        const shuffled = replicas.map((one) => ({ one, key: order.next().value ?? 0 })).sort((a, b) => a.key - b.key);
        expect(planService({ ...input, replicas: shuffled.map(({ one }) => one) })).toEqual(planService(input));
        const last = simulate(input).at(-1);
        expect(last?.planned.create).toEqual([]);
        expect(last?.planned.stop).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('where the new ones do not come up, the old ones stay at the minimum, and it comes back to them', () => {
    fc.assert(
      fc.property(wishes, (some) => {
        const input = rolling({ ...some, canary: 0 }, running(some.desired, 1));
        const steps = simulate(input, ({ revision }) => revision === 1);
        for (const { now, replicas: before } of steps) {
          const { desired, maxUnavailable, minReadyMs } = input.wishes;
          expect(availableOf(before, now, minReadyMs)).toBeGreaterThanOrEqual(desired - Math.min(maxUnavailable, desired));
        }
        const last = steps.at(-1)?.planned;
        if (some.desired > 0) expect(last?.rollout.state).toBe(some.rollBackOnFailure ? 'rolled-back' : 'failed');
        expect(last?.counts.available).toBe(some.desired);
      }),
      { numRuns: 200 },
    );
  });
});
