/** How a schedule and its last outcome look, and what speaks against an action. Pure. */
import type { Schedule, StartOutcome } from '@berth/shared/model/schedule';
import { type Look, lookOfRun } from '../../ui/state.ts';

const OUTCOME_LOOKS: Record<StartOutcome['outcome'], Look> = {
  started: { tone: 'green', shape: 'full', word: 'Started' },
  skipped: { tone: 'amber', shape: 'dash', word: 'Left out' },
  missed: { tone: 'amber', shape: 'barred', word: 'Missed' },
  refused: { tone: 'red', shape: 'cross', word: 'Refused' },
};
export const lookOfOutcome = (outcome: StartOutcome['outcome']): Look => OUTCOME_LOOKS[outcome];

const PAUSED: Look = { tone: 'amber', shape: 'half', word: 'Paused' };
const SCHEDULED: Look = { tone: 'blue', shape: 'open', word: 'Scheduled' };
const OVER: Look = { tone: 'grey', shape: 'dash', word: 'No more times' };

export function lookOfSchedule({ spec, status }: Schedule): Look {
  if (spec.paused) return PAUSED;
  return status.nextAt === null ? OVER : SCHEDULED;
}

/** What became of its last time: of a run that started, how that is. Null: none has come yet. */
export function lookOfLast({ status }: Schedule): Look | null {
  const [last] = status.outcomes;
  if (!last) return null;
  const { lastRun } = status;
  return last.outcome === 'started' && lastRun?.id === last.runId
    ? lookOfRun(lastRun.phase, lastRun.exitCode, lastRun.reason)
    : lookOfOutcome(last.outcome);
}

export function reasonAgainst(action: 'run-now' | 'pause' | 'resume', { spec, status }: Schedule): string | null {
  switch (action) {
    case 'run-now':
      return (spec.overlap ?? 'forbid') === 'forbid' && status.activeCount > 0
        ? 'A run of it has not ended, and it forbids another one beside it.'
        : null;
    case 'pause':
      return spec.paused ? 'It is paused.' : null;
    case 'resume':
      return spec.paused ? null : 'It is not paused.';
  }
}

export const OVERLAP_WORDS = {
  forbid: 'Leave the start out',
  allow: 'Start another one beside it',
  replace: 'Stop it, and start the new one',
} as const;
