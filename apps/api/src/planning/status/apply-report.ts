/** An agent's report on an attempt, applied through the one transition table (law L4). */
import { isTerminal, type Phase, type TransitionResult, transition } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import type { AttemptReport } from '@berth/shared/protocol/agent';

/** Of an attempt, what reports can change. */
export interface AttemptStatus {
  phase: Phase;
  reason: Reason;
  message: string;
  pull: Pull | null;
  containerId: string | null;
  imageDigest: string | null;
  exitCode: number | null;
  signal: string | null;
  oomKilled: boolean;
  phaseTimes: Partial<Record<Phase, string>>;
  startedAt: string | null;
  finishedAt: string | null;
}

export interface AppliedReport {
  result: TransitionResult;
  /** The same object where nothing changed. */
  status: AttemptStatus;
  /** Worth an event: another phase, or another reason for the same one. */
  event: boolean;
}

/** What is known stays known: a later report that leaves a detail out does not take it away. */
export function applyReport(status: AttemptStatus, report: AttemptReport): AppliedReport {
  const result = transition(status.phase, report.phase);
  if (result === 'stale' || result === 'illegal') return { result, status, event: false };
  const next: AttemptStatus = {
    ...status,
    phase: report.phase,
    reason: report.reason,
    message: report.message,
    containerId: report.containerId ?? status.containerId,
    imageDigest: report.imageDigest ?? status.imageDigest,
    exitCode: report.exitCode ?? status.exitCode,
    signal: report.signal ?? status.signal,
    oomKilled: report.oomKilled || status.oomKilled,
    phaseTimes: result === 'ok' ? { ...report.passed, ...status.phaseTimes, [report.phase]: report.at } : status.phaseTimes,
    startedAt: report.startedAt ?? status.startedAt,
    finishedAt: report.finishedAt ?? (isTerminal(report.phase) ? report.at : status.finishedAt),
  };
  if (result === 'same' && sameStatus(status, next)) return { result, status, event: false };
  return { result, status: next, event: result === 'ok' || report.reason !== status.reason };
}

const COMPARED = ['reason', 'message', 'containerId', 'imageDigest', 'exitCode', 'signal', 'oomKilled', 'startedAt', 'finishedAt'] as const;

function sameStatus(a: AttemptStatus, b: AttemptStatus): boolean {
  return COMPARED.every((field) => a[field] === b[field]);
}
