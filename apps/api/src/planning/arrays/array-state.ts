/** How a run array stands, from the counts of its runs. Pure (law L2). */
import { nameOfActor } from '@berth/shared/model/actor';
import type { RunArrayStatus } from '@berth/shared/model/run-array';

export interface ArraySituation {
  total: number;
  counts: RunArrayStatus['counts'];
  cancelledBy: string | null;
  parallelism: number | undefined;
}

export function arrayState({ total, counts, cancelledBy, parallelism }: ArraySituation): Pick<RunArrayStatus, 'state' | 'message'> {
  const { queued, running, succeeded, failed, cancelled, lost, deleted } = counts;
  const ended = named([
    [succeeded, 'succeeded'],
    [failed, 'failed'],
    [cancelled, 'cancelled'],
    [lost, 'lost'],
    [deleted, 'removed'],
  ]);
  if (queued + running === 0) {
    const state = cancelledBy !== null ? 'cancelled' : failed + cancelled + lost > 0 ? 'failed' : 'succeeded';
    const by = cancelledBy === null ? '' : `cancelled by ${nameOfActor(cancelledBy)}: `;
    return { state, message: `${by}${total === 1 ? 'its run has' : `all ${total} have`} ended: ${ended}` };
  }
  const going = named([
    [running, running === 1 ? 'runs' : 'run'],
    [queued, queued === 1 ? 'waits' : 'wait'],
  ]);
  const most = parallelism === undefined ? '' : `, at most ${parallelism} at once`;
  const message = `${total - queued - running} of ${total} have ended${ended === '' ? '' : ` (${ended})`}; ${going}${most}`;
  if (cancelledBy !== null) return { state: 'cancelling', message: `${nameOfActor(cancelledBy)} cancelled it: ${message}` };
  return { state: 'running', message };
}

const named = (parts: readonly [number, string][]) =>
  parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`)
    .join(', ');
