/** One action on many runs: which it can be done to, a few calls at a time, and what came of it in a sentence. */
import type { Run } from '@berth/shared/model/run';
import { type RunAction, reasonAgainst } from './run-actions.ts';

export const BULK_ACTIONS = ['stop', 'kill', 'remove', 'again'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];
export const BULK_WORDS: Record<BulkAction, { button: string; done: string }> = {
  stop: { button: 'Stop', done: 'asked to stop' },
  kill: { button: 'Kill', done: 'asked to be killed' },
  remove: { button: 'Remove', done: 'removed' },
  again: { button: 'Run again', done: 'started again' },
};

const against = (action: BulkAction, run: Run): string | null =>
  action === 'again' ? null : reasonAgainst(action satisfies RunAction, run);

export interface BulkPlan {
  can: Run[];
  /** Why there is nothing to do; null where it can be done to one at least. */
  reason: string | null;
}

/** Runs that it cannot be done to are passed over. */
export function planBulk(action: BulkAction, runs: readonly Run[]): BulkPlan {
  const can = runs.filter((run) => against(action, run) === null);
  if (can.length > 0 || runs.length === 0) return { can, reason: null };
  const reasons = [...new Set(runs.map((run) => against(action, run) ?? ''))];
  return { can, reason: reasons.length === 1 ? (reasons[0] ?? '') : 'None of them is in a state for it.' };
}

export interface BulkOutcome {
  name: string;
  /** Null: it was done. */
  error: string | null;
}

/** At most `limit` at a time, outcomes in the order of the runs; one that fails does not keep the others from it. */
export async function inTurns(runs: readonly Run[], limit: number, act: (run: Run) => Promise<unknown>): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < runs.length; index = next++) {
      const run = runs[index];
      if (!run) return;
      const error = await act(run).then(
        () => null,
        (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
      );
      outcomes[index] = { name: run.metadata.name, error };
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, runs.length) }, work));
  return outcomes;
}

const NAMED = 3;

/** "2 runs asked to stop. 1 was not: web: It has ended already." */
export function summaryOf(action: BulkAction, outcomes: readonly BulkOutcome[]): string {
  const failed = outcomes.filter(({ error }) => error !== null);
  const done = outcomes.length - failed.length;
  const first = `${done} ${done === 1 ? 'run' : 'runs'} ${BULK_WORDS[action].done}.`;
  if (failed.length === 0) return first;
  const named = failed.slice(0, NAMED).map(({ name, error }) => `${name}: ${error}`);
  const more = failed.length > NAMED ? ` And ${failed.length - NAMED} more.` : '';
  return `${first} ${failed.length} ${failed.length === 1 ? 'was' : 'were'} not: ${named.join(' ')}${more}`;
}
