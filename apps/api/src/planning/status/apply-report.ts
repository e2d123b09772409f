/** An agent's report on an attempt, applied through the one transition table (law L4). */
import { isTerminal, mayHaveStarted, PHASES, type Phase, type TransitionResult, transitionOfLives } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import { type Exit, type Health, SHOWN_EXITS } from '@berth/shared/model/run';
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
  restarts: number;
  restartAt: string | null;
  retryUntil: string | null;
  /** The newest first. */
  exits: Exit[];
  health: Health | null;
}

export interface AppliedReport {
  result: TransitionResult;
  /** The same object where nothing changed. */
  status: AttemptStatus;
  /** Worth an event: another phase, or another reason for the same one. */
  event: boolean;
  /** Ends before a restart that were not known. */
  newExits: Exit[];
}

/** What is known stays known: a later report that leaves a detail out does not take it away. */
export function applyReport(status: AttemptStatus, report: AttemptReport): AppliedReport {
  // An agent of version 2 starts nothing again.
  const restarts = report.restarts ?? status.restarts;
  const result = transitionOfLives(status, { restarts, phase: report.phase });
  if (result === 'stale' || result === 'illegal') return { result, status, event: false, newExits: [] };
  const newLife = restarts > status.restarts;
  const begins = newLife || (status.phase === 'restarting' && report.phase !== 'restarting' && !isTerminal(report.phase));
  const lastExit = status.exits[0]?.number ?? 0;
  const newExits = (report.exits ?? []).filter(({ number }) => number > lastExit);
  const next: AttemptStatus = {
    ...status,
    phase: report.phase,
    reason: report.reason,
    message: report.message,
    containerId: report.containerId ?? status.containerId,
    imageDigest: report.imageDigest ?? status.imageDigest,
    // How one life ended is not how the next one does.
    exitCode: report.exitCode ?? (begins ? null : status.exitCode),
    signal: report.signal ?? (begins ? null : status.signal),
    oomKilled: report.oomKilled || (!begins && status.oomKilled),
    phaseTimes: result === 'ok' ? timesOf(status, report, newLife) : status.phaseTimes,
    startedAt: report.startedAt ?? status.startedAt,
    finishedAt: report.finishedAt ?? (isTerminal(report.phase) ? report.at : begins ? null : status.finishedAt),
    restarts,
    restartAt: report.restartAt ?? null,
    retryUntil: report.retryUntil ?? null,
    exits: newExits.length > 0 ? [...newExits.toReversed(), ...status.exits].slice(0, SHOWN_EXITS) : status.exits,
    health: report.health ?? null,
  };
  if (result === 'same' && newExits.length === 0 && sameStatus(status, next)) return { result, status, event: false, newExits };
  return { result, status: next, event: result === 'ok' || report.reason !== status.reason, newExits };
}

/** The times of a life that began again take the place of the ones before it; what came before all lives stays. */
function timesOf(status: AttemptStatus, report: AttemptReport, newLife: boolean): AttemptStatus['phaseTimes'] {
  if (!newLife) return { ...report.passed, ...status.phaseTimes, [report.phase]: report.at };
  return { ...timesBeforeStart(status.phaseTimes), ...report.passed, [report.phase]: report.at };
}

export function timesBeforeStart(times: AttemptStatus['phaseTimes']): AttemptStatus['phaseTimes'] {
  return Object.fromEntries(
    PHASES.flatMap((phase) => (mayHaveStarted(phase) || times[phase] === undefined ? [] : [[phase, times[phase]]])),
  );
}

const COMPARED = [
  'restartAt',
  'retryUntil',
  'reason',
  'message',
  'containerId',
  'imageDigest',
  'exitCode',
  'signal',
  'oomKilled',
  'startedAt',
  'finishedAt',
] as const;

function sameStatus(a: AttemptStatus, b: AttemptStatus): boolean {
  return COMPARED.every((field) => a[field] === b[field]) && a.health?.status === b.health?.status;
}
