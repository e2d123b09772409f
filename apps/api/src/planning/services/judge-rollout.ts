/** Whether the roll-out of a service goes on, is done, or has failed. Pure (law L2). */
import type { ReplicaState, RolloutRecord, ServiceInput } from './model.ts';

/** A container that was started again so often before it was ready for good does not come up. */
const CRASHES = 3;
/** After a roll-out is done: what crashes in a loop only now is of it. */
const PROBATION_MS = 60_000;

export const beginning = (now: number): RolloutRecord => ({
  state: 'rolling',
  startedAt: now,
  progressAt: now,
  mostAvailable: 0,
  doneAt: null,
  promoted: false,
  failure: '',
});

/** `updated`: live ones of the target. */
export function judgeRollout(
  input: ServiceInput,
  updated: readonly ReplicaState[],
  isAvailable: (replica: ReplicaState) => boolean,
): { rollout: RolloutRecord; target: number } {
  const { now, wishes, revision, lastGood } = input;
  const before = input.rollout ?? beginning(now);
  const target = input.rollout ? input.target : revision;
  const available = updated.filter(isAvailable).length;
  const progressed = available > before.mostAvailable;
  // Time that a person held it does not count against it.
  const wasHeld = before.state === 'paused' || before.state === 'canary';
  const rollout = {
    ...before,
    mostAvailable: Math.max(available, before.mostAvailable),
    progressAt: progressed || wasHeld ? now : before.progressAt,
  };
  if (rollout.state === 'rolled-back') return { rollout, target };
  if (rollout.state === 'done') {
    const isNew = rollout.doneAt !== null && now - rollout.doneAt < PROBATION_MS;
    const loops = isNew ? updated.find(({ restarts, createdAt }) => restarts >= CRASHES && createdAt >= rollout.startedAt) : undefined;
    return loops && wishes.rollBackOnFailure && lastGood !== null && lastGood !== target
      ? { rollout: { ...rollout, state: 'rolled-back', failure: crashing(loops) }, target: lastGood }
      : { rollout, target };
  }
  const complete = updated.length >= wishes.desired && available >= wishes.desired;
  const others = input.replicas.some(
    ({ ended, ending, leavingAt, revision }) => !ended && !ending && leavingAt === null && revision !== target,
  );
  if (complete && !others) return { rollout: { ...rollout, state: 'done', doneAt: now, failure: '' }, target };
  if (rollout.state !== 'failed') {
    const failure = failureOf(input, rollout, target, updated);
    if (failure !== null) {
      const back = wishes.rollBackOnFailure && lastGood !== null && lastGood !== target;
      return back
        ? { rollout: { ...rollout, state: 'rolled-back', failure }, target: lastGood }
        : { rollout: { ...rollout, state: 'failed', failure }, target };
    }
    if (wishes.paused) return { rollout: { ...rollout, state: 'paused' }, target };
    const holds = wishes.canary > 0 && wishes.canary < wishes.desired && lastGood !== null && !rollout.promoted;
    const isCanary = holds && available >= wishes.canary;
    return { rollout: { ...rollout, state: isCanary ? 'canary' : 'rolling' }, target };
  }
  return { rollout, target };
}

const crashing = ({ slot, restarts, message }: ReplicaState): string =>
  `replica ${slot} was started again ${restarts} times and does not stay up: ${message}`;

/** Null: nothing speaks against it. */
function failureOf(
  { now, wishes, replicas }: ServiceInput,
  rollout: RolloutRecord,
  target: number,
  updated: readonly ReplicaState[],
): string | null {
  const fell = replicas.find(
    ({ ended, ending, phase, revision, createdAt }) =>
      // One that went with its host says nothing of its template.
      ended && !ending && phase !== 'lost' && revision === target && createdAt >= rollout.startedAt,
  );
  if (fell) return `replica ${fell.slot} did not stay: ${fell.message}`;
  const loops = updated.find(({ restarts }) => restarts >= CRASHES);
  if (loops) return crashing(loops);
  const unhealthy = updated.find((replica) => replica.unhealthy);
  if (unhealthy) return `replica ${unhealthy.slot} is unhealthy`;
  if (wishes.paused) return null;
  if (now >= rollout.progressAt + wishes.progressDeadlineMs) {
    return `no further replica became available within ${wishes.progressDeadlineMs / 1000} s`;
  }
  return null;
}
