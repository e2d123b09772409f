/**
 * What a service does next: which replicas are started, which are stopped. Pure (law L2).
 *
 * Invariants, held by property tests:
 * - no stop takes an available replica while fewer than `desired - maxUnavailable` would be left;
 * - one that was available is stopped only after it has got nothing new for `drainMs`;
 * - no start makes more than `desired + maxSurge`, those on their way out among them (but for those on a host that is lost);
 * - a converged service plans nothing; the order of the replicas does not matter; with replicas that come up, every roll-out ends.
 */
import { judgeRollout } from './judge-rollout.ts';
import type { NewReplica, ReplicaState, RolloutRecord, ServiceInput, ServicePlanned, ServiceWishes } from './model.ts';
import { replacedAt } from './pause-before-replacement.ts';

/** Replicas that ended and are kept, to be looked at: the newest. */
export const KEPT_ENDED = 10;

export function planService(input: ServiceInput): ServicePlanned {
  const { now, wishes } = input;
  const replicas = [...input.replicas].sort(bySlotAndAge);
  // What leaves is on its way out, as what is being stopped.
  const live = replicas.filter(({ ended, ending, leavingAt }) => !ended && !ending && leavingAt === null);
  const firstTarget = input.rollout ? input.target : input.revision;
  const replaces =
    input.lastGood !== null && (input.rollout === null || input.rollout.state === 'rolling' || input.rollout.state === 'canary');
  // What comes in the place of something that works has to show first that it stays; what works has done so.
  const ripeMs = ({ revision }: ReplicaState) =>
    replaces && revision === firstTarget ? Math.max(wishes.minReadyMs, wishes.trialMs) : wishes.minReadyMs;
  const isAvailable = (replica: ReplicaState) => replica.readyAt !== null && now - replica.readyAt >= ripeMs(replica);
  const { rollout, target } = judgeRollout(
    input,
    live.filter(({ revision }) => revision === firstTarget),
    isAvailable,
  );
  if (input.deleted) return deleting(replicas, rollout, target);

  const updated = live.filter(({ revision }) => revision === target);
  const old = live.filter(({ revision }) => revision !== target);
  const wanted = updatedWanted(wishes, rollout, updated.length, input.lastGood !== null);
  const oldWanted = wishes.desired - wanted;

  const chosen = chooseStops({ wishes, updated, old, wanted, oldWanted, isAvailable });
  const ready = new Set(live.filter(({ readyAt }) => readyAt !== null).map(({ runId }) => runId));
  const leave = wishes.drainMs > 0 ? chosen.filter((runId) => ready.has(runId)) : [];
  const left = replicas.filter(({ ended, ending, leavingAt }) => !ended && !ending && leavingAt !== null);
  const leftAt = ({ leavingAt, readyAt }: ReplicaState) => (readyAt === null ? now : (leavingAt ?? now) + wishes.drainMs);
  const stop = [...chosen.filter((runId) => !leave.includes(runId)), ...left.filter((one) => leftAt(one) <= now).map(({ runId }) => runId)];
  const room = wishes.desired + wishes.maxSurge - replicas.filter(({ ended, ending, lost }) => !ended && !(ending && lost)).length;
  const stopped = new Set(chosen);
  const missing = [
    ...freeSlots(wishes.desired, updated, wanted - updated.length).map((slot) => ({ slot, revision: target })),
    ...freeSlots(wishes.desired, live, oldWanted - old.length).map((slot) => ({ slot, revision: input.lastGood ?? target })),
  ];
  const pausing: number[] = [];
  const create: NewReplica[] = [];
  const known = new Set(live.map(({ revision }) => revision));
  for (const one of missing) {
    if (create.length >= room) break;
    // Until it is known which image it is exactly, one of them finds out.
    if (one.revision === target && !input.pinned && (known.has(target) || create.some(({ revision }) => revision === target))) continue;
    const at = replacedAt(one, replicas, now);
    if (at > now) pausing.push(at);
    else create.push(one);
  }
  const remove = replicas
    .filter(({ ended }) => ended)
    .sort((a, b) => (a.runId < b.runId ? 1 : -1))
    .slice(KEPT_ENDED);
  const available = live.filter(isAvailable).length;
  const counts = {
    replicas: live.length,
    ready: live.filter(({ readyAt }) => readyAt !== null).length,
    available,
    updated: updated.length,
  };
  const settled = create.length === 0 && chosen.length === 0 && available === wishes.desired && live.length === wishes.desired;
  const ripening = live.flatMap((one) => (one.readyAt !== null && !isAvailable(one) ? [one.readyAt + ripeMs(one)] : []));
  const deadline = rollout.state === 'rolling' ? [rollout.progressAt + wishes.progressDeadlineMs] : [];
  return {
    create,
    leave,
    stop,
    remove: remove.map(({ runId }) => runId),
    target,
    rollout,
    good: rollout.state === 'done' && settled,
    bad: failed(rollout) && !failed(input.rollout) ? firstTarget : null,
    counts,
    message: sentence({
      wishes,
      rollout,
      counts,
      pausing,
      pinned: input.pinned,
      now,
      live: live.filter(({ runId }) => !stopped.has(runId)),
    }),
    wakeAt: earliest([
      ...pausing,
      ...ripening,
      ...deadline,
      ...left.map(leftAt).filter((at) => at > now),
      ...(leave.length > 0 ? [now + wishes.drainMs] : []),
    ]),
  };
}

const failed = (rollout: RolloutRecord | null): boolean => rollout?.state === 'failed' || rollout?.state === 'rolled-back';
const bySlotAndAge = (a: ReplicaState, b: ReplicaState) => a.slot - b.slot || (a.runId < b.runId ? -1 : 1);
const earliest = (times: readonly number[]): number | null => (times.length === 0 ? null : Math.min(...times));

/** Of the target, while it is rolled, held or over. */
function updatedWanted({ desired, canary }: ServiceWishes, { state, promoted }: RolloutRecord, now: number, hasGood: boolean): number {
  // Held where it is: what is missing is replaced by the last good one.
  if (state === 'paused' || (state === 'failed' && hasGood)) return Math.min(now, desired);
  if (canary > 0 && canary < desired && hasGood && !promoted && (state === 'canary' || state === 'rolling')) return canary;
  return desired;
}

interface Choice {
  wishes: ServiceWishes;
  updated: readonly ReplicaState[];
  old: readonly ReplicaState[];
  wanted: number;
  oldWanted: number;
  isAvailable: (replica: ReplicaState) => boolean;
}

/** Who is too many: what is not available goes freely, what is available only while enough stay. */
function chooseStops({ wishes, updated, old, wanted, oldWanted, isAvailable }: Choice): string[] {
  let spare = [...updated, ...old].filter(isAvailable).length - (wishes.desired - wishes.maxUnavailable);
  const replacedSlots = new Set(updated.filter(isAvailable).map(({ slot }) => slot));
  const order = (a: ReplicaState, b: ReplicaState) =>
    Number(isAvailable(a)) - Number(isAvailable(b)) ||
    Number(b.slot > wishes.desired) - Number(a.slot > wishes.desired) ||
    Number(replacedSlots.has(b.slot)) - Number(replacedSlots.has(a.slot)) ||
    b.slot - a.slot ||
    (a.runId < b.runId ? 1 : -1);
  const byDuplicate = (a: ReplicaState, b: ReplicaState) =>
    Number(isAvailable(a)) - Number(isAvailable(b)) || b.slot - a.slot || (a.runId < b.runId ? 1 : -1);
  const take = (from: readonly ReplicaState[], excess: number, sort: (a: ReplicaState, b: ReplicaState) => number) => {
    const taken: string[] = [];
    for (const replica of [...from].sort(sort)) {
      if (taken.length >= excess) break;
      if (isAvailable(replica)) {
        if (spare <= 0) continue;
        spare--;
      }
      taken.push(replica.runId);
    }
    return taken;
  };
  return [...take(old, old.length - oldWanted, order), ...take(updated, updated.length - wanted, byDuplicate)];
}

/** The lowest places, at most `count`, that none of these has. */
function freeSlots(desired: number, taken: readonly ReplicaState[], count: number): number[] {
  const held = new Set(taken.map(({ slot }) => slot));
  const free: number[] = [];
  for (let slot = 1; slot <= desired && free.length < count; slot++) if (!held.has(slot)) free.push(slot);
  // Places of replicas of other revisions are taken where there are no others: the one there goes soon.
  for (let slot = 1; slot <= desired && free.length < count; slot++) if (!free.includes(slot)) free.push(slot);
  return free;
}

function deleting(replicas: readonly ReplicaState[], rollout: RolloutRecord, target: number): ServicePlanned {
  const there = replicas.filter(({ ended }) => !ended);
  return {
    create: [],
    leave: [],
    stop: there.filter(({ ending }) => !ending).map(({ runId }) => runId),
    remove: replicas.filter(({ ended }) => ended).map(({ runId }) => runId),
    target,
    rollout,
    good: false,
    bad: null,
    counts: { replicas: 0, ready: 0, available: 0, updated: 0 },
    message: `it was deleted: ${there.length} of its replicas are still to end`,
    wakeAt: null,
  };
}

interface Situation {
  wishes: ServiceWishes;
  rollout: RolloutRecord;
  counts: ServicePlanned['counts'];
  pausing: readonly number[];
  pinned: boolean;
  now: number;
  live: readonly ReplicaState[];
}

/** Cause and next step (law L6). */
function sentence({ wishes, rollout, counts, pausing, pinned, now, live }: Situation): string {
  const { desired } = wishes;
  const of = `${counts.available} of ${desired} available`;
  const next = earliest(pausing);
  const pause = next === null ? '' : `; what ended is replaced in ${Math.ceil((next - now) / 1000)} s`;
  const waits = live.find(({ readyAt }) => readyAt === null);
  const waiting = waits ? `; replica ${waits.slot}: ${waits.message}` : '';
  switch (rollout.state) {
    case 'done':
      return counts.available === desired ? of : `${of}${pause || waiting}`;
    case 'rolling':
      return pinned || counts.replicas === 0
        ? `rolling out: ${counts.updated} of ${desired} are new, ${of}${pause || waiting}`
        : `rolling out: the first replica finds out which image it is exactly, then all others have the same; ${of}${waiting}`;
    case 'canary':
      return `${counts.updated} of ${desired} are new and available: promote it, or roll it back`;
    case 'paused':
      return `paused: ${counts.updated} of ${desired} are new, ${of}; set spec.paused to false to go on`;
    case 'failed':
      return `the roll-out failed: ${rollout.failure}; ${of}${pause}. Change the template, retry, or roll back`;
    case 'rolled-back':
      return `rolled back, because ${rollout.failure}; ${of}${pause || waiting}`;
  }
}
