/**
 * Reports of many hosts, applied to their locked rows at once. Pure (law L2). What is known already is dropped in silence, so a report
 * that is sent twice, late or out of order changes nothing: log bytes by their offset, phases by the transition table.
 */
import { isTerminal } from '@berth/shared/model/phase';
import type { LogReport, Report } from '@berth/shared/protocol/agent';
import { applyReport, timesBeforeStart } from '../status/apply-report.ts';
import { waitingOf } from '../status/waiting-of.ts';
import { LogAppender } from './log-appender.ts';
import type { AttemptState, HostReports, HostState, IngestPlan, ReportResult, RunStatusUpdate } from './model.ts';
import { placedAgainBecause, queuedAgain } from './placed-again.ts';

interface Working {
  attempt: AttemptState;
  grown: boolean;
  changed: boolean;
}

/** `hostRestMs`: a host that was seen within so much time is not written again, in milliseconds. */
export function planIngest(
  batch: readonly HostReports[],
  attempts: readonly AttemptState[],
  hosts: readonly HostState[],
  now: Date,
  hostRestMs: number,
): IngestPlan {
  return new IngestPlanning(attempts, hosts, now, hostRestMs).plan(batch);
}

class IngestPlanning {
  private readonly working: Map<string, Working>;
  private readonly hosts: Map<string, HostState>;
  private readonly logs = new LogAppender();
  private readonly events: IngestPlan['events'] = [];
  private readonly illegal: string[] = [];

  constructor(
    attempts: readonly AttemptState[],
    hosts: readonly HostState[],
    private readonly now: Date,
    private readonly hostRestMs: number,
  ) {
    this.working = new Map(attempts.map((attempt) => [attempt.id, { attempt: { ...attempt }, grown: false, changed: false }]));
    this.hosts = new Map(hosts.map((host) => [host.id, { ...host }]));
  }

  plan(batch: readonly HostReports[]): IngestPlan {
    const results = new Map<string, ReportResult[]>();
    const seen: IngestPlan['seen'] = [];
    for (const { hostId, sessionId, acked: generation, reports } of batch) {
      const host = this.hosts.get(hostId);
      if (!host || host.sessionId !== sessionId) {
        results.set(
          sessionId,
          reports.map(() => ({ stale: true })),
        );
        continue;
      }
      if (generation !== null && generation > host.ackedGeneration) {
        host.ackedGeneration = generation;
        if (host.unseenMs >= this.hostRestMs) seen.push({ hostId, sessionId, generation });
      }
      results.set(
        sessionId,
        reports.map((report) => this.applyOne(host, report)),
      );
    }
    const touched = [...this.working.values()];
    const changed = touched
      .filter((work) => work.changed)
      .map(({ attempt }) => ({ ...attempt, release: isTerminal(attempt.status.phase) }));
    const runs = touched.flatMap((work) => (work.changed && work.attempt.run.current ? [this.runStatus(work.attempt)] : []));
    return {
      logs: this.logs.pieces,
      logLengths: this.logs.lengths,
      grown: touched.filter((work) => work.grown && !work.changed).map((work) => work.attempt),
      changed,
      runs,
      events: this.events,
      seen,
      results,
      illegal: this.illegal,
    };
  }

  private applyOne(host: HostState, report: Report): ReportResult {
    const unknown = new Set<string>();
    const logged = new Set<string>();
    const own = (attemptId: string): Working | null => {
      const work = this.working.get(attemptId);
      const mine = work?.attempt.hostId === host.id;
      if (!mine || work.attempt.released) unknown.add(attemptId);
      return mine ? work : null;
    };
    for (const log of report.logs) {
      const work = own(log.attemptId);
      if (!work) continue;
      logged.add(log.attemptId);
      if (!work.attempt.released) this.appendLog(work, log);
    }
    for (const { attemptId, pull } of report.pulls) {
      const work = own(attemptId);
      if (!work || work.attempt.released || isTerminal(work.attempt.status.phase)) continue;
      work.attempt = { ...work.attempt, status: { ...work.attempt.status, pull } };
      work.changed = true;
    }
    for (const phase of report.phases) {
      const work = own(phase.attemptId);
      if (work && !work.attempt.released) this.applyPhase(work, phase);
    }
    return { stale: false, logs: [...logged].flatMap((id) => this.offsets(id)), unknown: [...unknown] };
  }

  private appendLog(work: Working, log: LogReport): void {
    const grown = this.logs.append(work.attempt, log);
    if (grown === work.attempt) return;
    work.attempt = grown;
    work.grown = true;
  }

  private applyPhase(work: Working, report: Report['phases'][number]): void {
    const { attempt } = work;
    const applied = applyReport(attempt.status, report);
    if (applied.result === 'illegal') this.illegal.push(`attempt ${attempt.id}: ${attempt.status.phase} → ${report.phase}`);
    if (applied.status === attempt.status) return;
    work.attempt = { ...attempt, status: applied.status };
    work.changed = true;
    if (!attempt.run.current) return;
    const { phase, reason, message, exitCode, restarts, health } = applied.status;
    const { runId, workspaceId, id: attemptId, hostId } = attempt;
    const again = placedAgainBecause(work.attempt, this.hosts.get(hostId)?.name ?? hostId);
    if (again) {
      this.events.push({ type: 'run.replacing', runId, workspaceId, data: { attemptId, number: attempt.number, hostId, ...again } });
      return;
    }
    for (const exit of applied.newExits) this.events.push({ type: 'run.restarting', runId, workspaceId, data: { ...exit, attemptId } });
    if (applied.event) {
      const data = { phase, reason, message, exitCode, restarts, attemptId, hostId };
      this.events.push({ type: 'run.phase', runId, workspaceId, data });
    }
    if (health && health.status !== attempt.status.health?.status) {
      this.events.push({ type: 'run.health', runId, workspaceId, data: { ...health, attemptId } });
    }
  }

  private offsets(attemptId: string): { attemptId: string; stdout: number; stderr: number }[] {
    const attempt = this.working.get(attemptId)?.attempt;
    return attempt ? [{ attemptId, stdout: attempt.stdoutBytes, stderr: attempt.stderrBytes }] : [];
  }

  private runStatus(attempt: AttemptState): RunStatusUpdate {
    const { status, run } = attempt;
    const host = this.hosts.get(attempt.hostId);
    const again = placedAgainBecause(attempt, host?.name ?? attempt.hostId);
    if (again) return queuedAgain(attempt, again.message, this.now.toISOString());
    // The agent has confirmed what was last asked for, or there is nothing left to be done about it.
    const observed = isTerminal(status.phase) || attempt.changedGeneration <= (host?.ackedGeneration ?? 0);
    return {
      id: attempt.runId,
      phase: status.phase,
      reason: status.reason,
      message: status.message,
      // While its host is not ready that is the cause of every wait; liveness writes it, and takes it away again.
      waiting: host?.ready === false && !isTerminal(status.phase) ? run.waiting : this.waiting(attempt, host?.name ?? attempt.hostId),
      restarts: status.restarts,
      again: false,
      health: status.health?.status ?? null,
      exitCode: status.exitCode,
      signal: status.signal,
      oomKilled: status.oomKilled,
      imageDigest: status.imageDigest,
      startedAt: status.startedAt,
      finishedAt: status.finishedAt,
      // Of a life that is over only the next one's times count.
      phaseTimes: { ...timesBeforeStart(run.phaseTimes), ...status.phaseTimes },
      observedGeneration: observed ? run.generation : run.observedGeneration,
    };
  }

  private waiting({ status, desired, stopGraceSeconds, run }: AttemptState, hostName: string): RunStatusUpdate['waiting'] {
    const { phase, reason, message, pull, phaseTimes, restartAt, retryUntil } = status;
    const now = this.now.toISOString();
    // A pause, or what is in its way, lies within a phase: it is since it was first heard of.
    const heardSince = run.waiting?.reason === reason ? run.waiting.since : now;
    const since = reason === 'paused' || retryUntil !== null ? heardSince : (phaseTimes[phase] ?? now);
    const host = { name: hostName, ready: true, connected: true, stateMessage: '', lastSeenAt: null, changedAt: since, silence: null };
    const policy = { onHostLost: 'wait', lostAfterSeconds: null } as const;
    return waitingOf({ phase, reason, message, desired, pull, since, stopGraceSeconds, restartAt, retryUntil, ...policy }, host);
  }
}
