/** PURE. What an ended container means: phase, reason and the sentence that people read. */
import type { Desired } from '@berth/shared/model/desired';
import type { TerminalPhase } from '@berth/shared/model/phase';
import { formatBytes, parseMemory } from '@berth/shared/model/quantity';
import type { Reason } from '@berth/shared/model/reason';
import type { RunSpec } from '@berth/shared/model/run';
import { signalOfExitCode } from '@berth/shared/model/signal';
import type { ObservedContainer, StopCause } from './model.ts';

export interface ExitConclusion {
  phase: TerminalPhase;
  reason: Reason;
  message: string;
  exitCode: number;
  signal: string | null;
  oomKilled: boolean;
}

/**
 * `cause`: why this process stopped it, or null. An agent that restarted in between does not know the cause any more:
 * then the wish (`desired`) and the spec's timeout tell.
 */
export function concludeExit(
  container: ObservedContainer,
  spec: RunSpec,
  cause: StopCause | null,
  desired: Desired = 'run',
): ExitConclusion {
  const exitCode = container.exitCode ?? 0;
  const signal = signalOfExitCode(exitCode);
  const end = { phase: 'exited' as const, exitCode, signal, oomKilled: container.oomKilled };
  const by = signal ? `, ended by ${signal}` : '';
  if (container.oomKilled && exitCode !== 0) {
    const limit = spec.resources?.memory === undefined ? null : parseMemory(spec.resources.memory);
    const at = limit === null ? '' : ` at ${formatBytes(limit)}`;
    return { ...end, reason: 'out-of-memory', message: `exited ${exitCode}: killed, out of memory${at}` };
  }
  switch (cause ?? causeFromWish(container, spec, desired)) {
    case 'timed-out': {
      const message = `ran longer than its time-out of ${spec.timeoutSeconds} s and was stopped; exited ${exitCode}${by}`;
      return { ...end, phase: 'failed', reason: 'timed-out', message };
    }
    case 'restart-requested':
      return { ...end, reason: 'restart-requested', message: `exited ${exitCode}: a restart was asked for` };
    case 'fenced':
      return { ...end, reason: 'self-fenced', message: `exited ${exitCode}: stopped by its agent, which was cut off from Berth` };
    case 'kill-requested':
      return { ...end, reason: 'killed', message: `exited ${exitCode}: killed by request` };
    case 'stop-requested':
    case 'unassigned': {
      const forced = signal === 'SIGKILL' && spec.stopSignal !== 'SIGKILL' ? ', killed after the grace period' : '';
      return { ...end, reason: 'stopped', message: `exited ${exitCode}: stopped by request${forced}` };
    }
    case null:
      break;
  }
  if (exitCode === 0) return { ...end, reason: 'completed', message: 'exited 0' };
  if (signal) return { ...end, reason: 'signalled', message: `exited ${exitCode}: ended by ${signal}` };
  const words = container.engineMessage ? `: ${container.engineMessage}` : '';
  return { ...end, reason: 'non-zero-exit', message: `exited ${exitCode}${words}` };
}

function causeFromWish(container: ObservedContainer, spec: RunSpec, desired: Desired): StopCause | null {
  if (desired === 'kill') return 'kill-requested';
  if (desired === 'stop') return 'stop-requested';
  if (spec.timeoutSeconds === undefined || container.startedAt === null || container.finishedAt === null || container.exitCode === 0)
    return null;
  return container.finishedAt - container.startedAt >= spec.timeoutSeconds * 1000 ? 'timed-out' : null;
}
