/** How a run array and its parts look, and what speaks against an action. Pure. */
import type { RunArray, RunArrayStatus } from '@berth/shared/model/run-array';
import { type Look, lookOfPhase } from '../../ui/state.ts';

const SUCCEEDED: Look = { tone: 'done', shape: 'check', word: 'Succeeded' };

const STATE_LOOKS: Record<RunArrayStatus['state'], Look> = {
  running: lookOfPhase('running'),
  cancelling: { tone: 'amber', shape: 'lower-half', word: 'Cancelling' },
  succeeded: SUCCEEDED,
  failed: lookOfPhase('failed'),
  cancelled: lookOfPhase('cancelled'),
};
export const lookOfArray = ({ state }: RunArrayStatus): Look => STATE_LOOKS[state];

/** In the order of the bar: what has ended, what goes on, what waits. */
const PART_LOOKS: Record<keyof RunArrayStatus['counts'], Look> = {
  succeeded: SUCCEEDED,
  failed: lookOfPhase('failed'),
  lost: lookOfPhase('lost'),
  cancelled: lookOfPhase('cancelled'),
  deleted: { tone: 'grey', shape: 'barred', word: 'Removed' },
  running: lookOfPhase('running'),
  queued: lookOfPhase('queued'),
};
const PARTS = Object.keys(PART_LOOKS) as (keyof typeof PART_LOOKS)[];

export interface Part {
  name: keyof RunArrayStatus['counts'];
  count: number;
  look: Look;
}

/** Those that there are. */
export const partsOf = ({ counts }: RunArrayStatus): Part[] =>
  PARTS.flatMap((name) => (counts[name] > 0 ? [{ name, count: counts[name], look: PART_LOOKS[name] }] : []));

export const isGoing = ({ state }: RunArrayStatus): boolean => state === 'running' || state === 'cancelling';

/** Null: it can be done. */
export function reasonAgainst(action: 'cancel' | 'delete', { status }: RunArray): string | null {
  switch (action) {
    case 'cancel':
      if (status.state === 'cancelling') return 'It is cancelled already: what runs is being stopped.';
      return status.state === 'running' ? null : 'All of its runs have ended.';
    case 'delete':
      return isGoing(status) ? 'Some of its runs have not ended: cancel it first.' : null;
  }
}
