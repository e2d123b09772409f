/**
 * Which runs of a host that is drained are stopped now, to be placed elsewhere. Pure (law L2).
 *
 * Invariants, held by property tests:
 * - only what may be moved is moved, and only while another host has room for it;
 * - no more than so many at once; what is not moved is named with its reason;
 * - of a service no more than it can spare: what it has available beyond its disruption limit.
 */
import { type DrainProgress, MOST_HOLDS } from '@berth/shared/model/drain';

/** Stopped at once: each is without a container for its grace period and its next pull. */
export const MOST_MOVING = 5;

export interface DrainedAttempt {
  id: string;
  runId: string;
  runName: string;
  /** Its run is started again wherever it ends: it loses nothing but time elsewhere. */
  movable: boolean;
  /** Its end was asked for, by a person or by this drain. */
  ending: boolean;
  /** By this drain. */
  evicted: boolean;
  /** Another host fits, all others that move counted. */
  hasRoom: boolean;
  /** The service that it is a replica of; null: of none. */
  service: DrainedService | null;
}

export interface DrainedService {
  id: string;
  name: string;
  /** Available replicas, wherever they are, beyond what its disruption limit leaves: so many may go now. */
  spare: number;
  /** This one counts among the available. */
  available: boolean;
}

export interface DrainInput {
  attempts: readonly DrainedAttempt[];
  /** Nothing can be asked of a host that is not heard. */
  hostIsReady: boolean;
  before: Pick<DrainProgress, 'total' | 'left'> | null;
}

export interface DrainPlan {
  evict: string[];
  progress: DrainProgress;
  drained: boolean;
}

export function planDrain({ attempts, hostIsReady, before }: DrainInput): DrainPlan {
  const evict: string[] = [];
  const holds: DrainProgress['holds'] = [];
  const hold = ({ runId, runName }: DrainedAttempt, message: string) => holds.push({ runId, runName, message });
  let moving = attempts.filter(({ evicted, ending }) => evicted && ending).length;
  const taken = new Map<string, number>();
  const spares = ({ service }: DrainedAttempt) => service === null || !service.available || service.spare > (taken.get(service.id) ?? 0);
  // Ids sort by age: who came first moves first.
  for (const attempt of [...attempts].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (attempt.ending) {
      if (!hostIsReady) hold(attempt, 'its end was asked for, and the host is not heard');
    } else if (!attempt.movable) {
      hold(attempt, 'it may not be moved (neither "restart: always" nor "onHostLost: replace"): it stays until it ends, or is stopped');
    } else if (!hostIsReady) hold(attempt, 'the host is not heard: it cannot be told to stop it');
    else if (!attempt.hasRoom) hold(attempt, 'no other host fits it: it goes on here until one does');
    else if (!spares(attempt))
      hold(attempt, `service ${attempt.service?.name} cannot spare it now: it goes once others of it are available`);
    else if (moving >= MOST_MOVING) hold(attempt, `${MOST_MOVING} runs move at a time: it is one of the next`);
    else {
      evict.push(attempt.id);
      moving++;
      if (attempt.service?.available) taken.set(attempt.service.id, (taken.get(attempt.service.id) ?? 0) + 1);
    }
  }
  const left = attempts.length;
  const total = Math.max(before?.total ?? 0, left);
  return { evict, progress: { total, left, moving, holds: holds.slice(0, MOST_HOLDS) }, drained: left === 0 };
}
