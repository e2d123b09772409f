/** What can be done to a run, and why not now. Pure: buttons are disabled with the reason, never hidden. */
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';

export const RUN_ACTIONS = ['stop', 'kill', 'restart', 'pause', 'resume', 'give-up', 'remove'] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];

/** Null: it can be done. */
export function reasonAgainst(action: RunAction, run: Run): string | null {
  const { phase, desired } = run.status;
  switch (action) {
    case 'stop':
      if (isTerminal(phase)) return 'It has ended already.';
      return desired === 'stop' || desired === 'kill' ? `A ${desired} has been asked for already.` : null;
    case 'kill':
      if (isTerminal(phase)) return 'It has ended already.';
      return desired === 'kill' ? 'A kill has been asked for already.' : null;
    case 'restart':
      if (phase !== 'running' && phase !== 'restarting') return isTerminal(phase) ? 'It has ended: run it again.' : 'It does not run yet.';
      return desired === 'stop' || desired === 'kill' ? `A ${desired} has been asked for already.` : null;
    case 'pause':
    case 'resume':
      if (phase !== 'running') return isTerminal(phase) ? 'It has ended already.' : 'It does not run yet.';
      if (desired === 'stop' || desired === 'kill') return `A ${desired} has been asked for already.`;
      if (action === 'pause') return desired === 'pause' ? 'It is paused already.' : null;
      return desired === 'pause' ? null : 'It is not paused.';
    case 'give-up':
      return givesUp(run) ? null : 'It does not wait for a host of which nothing is heard.';
    case 'remove':
      return isTerminal(phase) ? null : 'It has not ended: stop it first.';
  }
}

/** Its host is not heard: whether it is gone a person may know. */
export const givesUp = ({ status: { phase, waiting } }: Run): boolean => phase !== 'queued' && waiting?.reason === 'waiting-for-host';

/** Before it runs a stop is a cancellation. */
export function wordForStop(run: Run): 'Cancel' | 'Stop' {
  return ['queued', 'assigned', 'pulling'].includes(run.status.phase) ? 'Cancel' : 'Stop';
}
