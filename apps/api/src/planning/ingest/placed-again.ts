/** An attempt whose end is not that of its run, which is placed again: its host is drained, or nobody knows whether it ran and its run may be replaced. */
import { isTerminal } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { AttemptState, RunStatusUpdate } from './model.ts';

/** How what was stopped ends. Another end was its own: it would have ended so anyway. */
const STOPPED: ReadonlySet<Reason> = new Set<Reason>(['stopped', 'killed', 'cancelled']);

/** Null: its end is that of its run. */
export function placedAgainBecause({ evicted, status, run }: AttemptState, hostName: string): { reason: Reason; message: string } | null {
  if (!run.current || run.desired !== 'run' || !isTerminal(status.phase)) return null;
  // At most once, unless asked otherwise: as where its host is lost.
  if (status.reason === 'start-unknown' && run.onHostLost === 'replace') {
    return { reason: 'start-unknown', message: `the container engine of ${hostName} went away while it was starting the container` };
  }
  if (!evicted || !(STOPPED.has(status.reason) || (status.phase === 'exited' && run.restartsAlways))) return null;
  return { reason: 'evicted', message: `host ${hostName} is drained` };
}

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
