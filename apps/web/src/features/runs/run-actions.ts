/** What can be done to a run, and why not now. Pure: buttons are disabled with the reason, never hidden. */
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';

export const RUN_ACTIONS = ['stop', 'kill', 'remove'] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];

/** Null: it can be done. */
export function reasonAgainst(action: RunAction, run: Run): string | null {
  const { phase, desired } = run.status;
  switch (action) {
    case 'stop':
      if (isTerminal(phase)) return 'It has ended already.';
      return desired === 'run' ? null : `A ${desired} has been asked for already.`;
    case 'kill':
      if (isTerminal(phase)) return 'It has ended already.';
      return desired === 'kill' ? 'A kill has been asked for already.' : null;
    case 'remove':
      return isTerminal(phase) ? null : 'It has not ended: stop it first.';
  }
}

/** Before it runs a stop is a cancellation. */
export function wordForStop(run: Run): 'Cancel' | 'Stop' {
  return ['queued', 'assigned', 'pulling'].includes(run.status.phase) ? 'Cancel' : 'Stop';
}
