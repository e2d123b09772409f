/** How a service, its replicas and its conditions look: colour, shape and word. Pure. */
import type { Condition, Replica, RolloutState, ServiceStatus } from '@berth/shared/model/service';
import { type Look, lookOfPhase, lookOfStatus } from '../../ui/state.ts';

const AVAILABLE: Look = { tone: 'green', shape: 'full', word: 'Available' };
const DEGRADED: Look = { tone: 'amber', shape: 'lower-half', word: 'Degraded' };
const UNAVAILABLE: Look = { tone: 'red', shape: 'open', word: 'Unavailable' };
const AT_NONE: Look = { tone: 'grey', shape: 'dash', word: 'Scaled to 0' };

const ROLLOUT_LOOKS: Record<RolloutState, Look> = {
  done: AVAILABLE,
  rolling: { tone: 'blue', shape: 'half', word: 'Rolling out' },
  canary: { tone: 'amber', shape: 'quarter', word: 'Canary' },
  paused: { tone: 'amber', shape: 'half', word: 'Paused' },
  failed: { tone: 'red', shape: 'cross', word: 'Failed' },
  'rolled-back': { tone: 'amber', shape: 'barred', word: 'Rolled back' },
};

/** What its roll-out does, where that is not over; else how many of its replicas are there. */
export function lookOfService({ rollout, desired, available }: Pick<ServiceStatus, 'rollout' | 'desired' | 'available'>): Look {
  if (rollout === 'rolling' || rollout === 'failed') return ROLLOUT_LOOKS[rollout];
  if (desired > 0 && available === 0) return UNAVAILABLE;
  if (rollout !== 'done') return ROLLOUT_LOOKS[rollout];
  if (desired === 0) return AT_NONE;
  return available < desired ? DEGRADED : AVAILABLE;
}

/** Of an event that tells of a roll-out; null where it tells of something else. */
export function lookOfChange(change: string): Look | null {
  return isRollout(change) ? ROLLOUT_LOOKS[change] : null;
}

const isRollout = (change: string): change is RolloutState => Object.hasOwn(ROLLOUT_LOOKS, change);

/** The end of one that was not asked to end by the service is told by its message. */
export function lookOfReplica({ phase, health, ending }: Pick<Replica, 'phase' | 'health' | 'ending'>): Look {
  if (ending && phase === 'running') return lookOfPhase('stopping');
  return lookOfStatus({ phase, health, exitCode: null, reason: 'running' });
}

const GOOD: Record<Condition['type'], Condition['status']> = {
  Available: 'True',
  Progressing: 'True',
  Paused: 'False',
  AutoscaleActive: 'True',
  Routed: 'True',
};
const CONDITION_WORDS: Record<Condition['status'], string> = { True: 'yes', False: 'no', Unknown: 'not known' };

export function lookOfCondition({ type, status }: Pick<Condition, 'type' | 'status'>): Look {
  const word = CONDITION_WORDS[status];
  if (status === GOOD[type]) return { tone: 'done', shape: 'check', word };
  return status === 'Unknown' || type === 'Paused' ? { tone: 'amber', shape: 'half', word } : { tone: 'red', shape: 'cross', word };
}
