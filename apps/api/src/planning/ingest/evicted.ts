/** An attempt that was stopped because its host is drained: its end is not that of its run, which is placed again. */
import { isTerminal } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { AttemptState, RunStatusUpdate } from './model.ts';

/** How what was stopped ends. Another end was its own: it would have ended so anyway. */
const STOPPED: ReadonlySet<Reason> = new Set<Reason>(['stopped', 'killed', 'cancelled']);

export function isPlacedAgain({ evicted, status, run }: AttemptState): boolean {
  if (!evicted || !run.current || run.desired !== 'run' || !isTerminal(status.phase)) return false;
  return STOPPED.has(status.reason) || (status.phase === 'exited' && run.restartsAlways);
}

export const evictedFrom = (hostName: string): string => `host ${hostName} is drained`;

export function queuedAgain({ runId, run }: AttemptState, message: string, at: string): RunStatusUpdate {
  const reason = 'waiting-for-placement';
  return {
    id: runId,
    phase: 'queued',
    reason,
    message: `${message}; it is to be placed again`,
    waiting: { reason, message, since: at, deadline: null, next: 'The scheduler looks for another host within moments.' },
    exitCode: null,
    signal: null,
    oomKilled: false,
    imageDigest: null,
    startedAt: null,
    finishedAt: null,
    phaseTimes: { queued: at },
    observedGeneration: run.generation,
    restarts: 0,
    health: null,
    again: true,
  };
}
