/**
 * Which silent hosts count as lost, and what becomes of the attempts on them. Pure (law L2).
 *
 * Invariants, held by property tests:
 * - an attempt that waits for its host is given up only where a person says that the host is gone: at most once, ever;
 * - nothing is given up before its time, counted from when it could have been heard; longer where most hosts look dead at once;
 * - of a host that may come back nothing is placed again before another one has room for it; of one that is gone everything that may be.
 */
import { nameOfActor } from '@berth/shared/model/actor';
import { atUtc } from '../status/at-utc.ts';
import { lossDueAt } from './loss-due.ts';
import type { Fleet, GivenUp, LossInput, LossPlan, SilentHost, StrandedAttempt } from './model.ts';

/** Of fewer silent hosts nothing can be concluded but that they are silent. */
const FEWEST_FOR_BRAKE = { workspace: 2, all: 4 };

export function planHostLoss({ now, lostSeconds, silent, attempts, fleets }: LossInput): LossPlan {
  const brake = brakeOf(fleets);
  const hosts = new Map(silent.map((host) => [host.id, host]));
  const plan: LossPlan = { dues: [], lost: [], givenUp: [] };
  for (const host of silent) {
    if (host.lost) {
      if (!host.told) plan.dues.push({ hostId: host.id, braked: host.braked });
      continue;
    }
    const braked = brake(host.workspaceId);
    const dueAt = lossDueAt(host.silentSince, lostSeconds, braked);
    if (dueAt <= now) plan.lost.push({ hostId: host.id, lastSeenAt: host.lastSeenAt });
    else if (dueAt !== host.dueAt || braked !== host.braked) plan.dues.push({ hostId: host.id, braked });
  }
  for (const attempt of attempts) {
    const host = hosts.get(attempt.hostId);
    if (!host) continue;
    const braked = !host.lost && brake(host.workspaceId);
    const isDue = host.goneBy !== null || lossDueAt(host.silentSince, attempt.lostAfterSeconds ?? lostSeconds, braked) <= now;
    const given = isDue ? giveUp(attempt, host) : null;
    if (given) plan.givenUp.push(given);
  }
  return plan;
}

/** Whether to look at silence for longer: most hosts of the workspace, or of all, look dead at once. */
function brakeOf(fleets: readonly Fleet[]): (workspaceId: string) => boolean {
  const most = ({ hosts, silent }: Pick<Fleet, 'hosts' | 'silent'>, fewest: number) => silent >= fewest && silent * 2 > hosts;
  const sum = (count: (fleet: Fleet) => number) => fleets.reduce((total, fleet) => total + count(fleet), 0);
  if (most({ hosts: sum(({ hosts }) => hosts), silent: sum(({ silent }) => silent) }, FEWEST_FOR_BRAKE.all)) return () => true;
  const braked = new Set(fleets.filter((fleet) => most(fleet, FEWEST_FOR_BRAKE.workspace)).map(({ workspaceId }) => workspaceId));
  return (workspaceId) => braked.has(workspaceId);
}

function giveUp(attempt: StrandedAttempt, host: SilentHost): GivenUp | null {
  const { id: attemptId, runId, hostId, desired } = attempt;
  const { workspaceId, lastSeenAt, goneBy } = host;
  const reason = goneBy === null ? ('host-lost' as const) : ('host-gone' as const);
  const given = { workspaceId, attemptId, runId, hostId, lastSeenAt, reason, again: false, onlyWithRoom: false };
  const cause =
    goneBy === null
      ? `host ${host.name} counts as lost: nothing was heard of it since ${atUtc(new Date(lastSeenAt))}`
      : `${nameOfActor(goneBy)} said that host ${host.name} is gone`;
  if (attempt.onHostLost === 'wait') return goneBy === null ? null : { ...given, message: cause };
  switch (desired) {
    case 'run':
      return { ...given, message: cause, again: true, onlyWithRoom: goneBy === null };
    // What is held still is in no hurry, and would not be held still elsewhere.
    case 'pause':
      return goneBy === null ? null : { ...given, message: cause };
    case 'stop':
    case 'kill':
      return { ...given, message: `${cause}; its end had been asked for, so it is not placed again` };
  }
}
