/**
 * Reports of all agents on their way into Postgres. While one transaction runs the next batch gathers (group commit): at low load a
 * report is written at once, under load many share a transaction. Where many hosts speak, a batch also rests after the one before: what an
 * agent sees meanwhile shares its next report. Of one host at most one batch is under way, in the order it spoke.
 */
import { isTerminal } from '@berth/shared/model/phase';
import type { Report, ReportAnswer } from '@berth/shared/protocol/agent';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { type IngestOutcome, IngestRepository } from '../persistence/ingest-repository.ts';
import { gatherMs } from '../planning/ingest/gather-time.ts';
import type { HostReports, IngestPlan } from '../planning/ingest/model.ts';
import { planIngest } from '../planning/ingest/plan-ingest.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { HotLogs } from '../realtime/hot-logs.ts';
import { OutputPace } from '../realtime/output-pace.ts';
import { RecentSum } from '../realtime/recent-sum.ts';
import { type Topic, Wakeups } from '../realtime/wakeups.ts';
import type { AgentSession } from './agent-session.ts';
import { AgentSessions } from './agent-sessions.ts';

/** Transactions at once, where batches are large: one computes in Postgres while another one is planned here. */
const PARALLEL = 3;
/** A batch of so much does not wait for the one before. */
const LARGE = { bytes: 256 * 1024, hosts: 200 };
/** After a batch of so many hosts the next one waits for as long as it took, but not longer than that. */
const REST = { hosts: 8, mostMs: 100 };
const BATCH_BYTES = 4 * 1024 * 1024;
const BATCH_REPORTS = 400;
/** Above this agents are asked to come again: their outboxes hold it better than this process. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;
const RETRY_MS = 1_000;
/** A host that was seen within this part of its heartbeat interval is not written again: what it confirmed since, its session knows. */
const HOST_RESTS = 0.6;

/** Null: of a session that is no longer the one that may report. */
export type Answer = ReportAnswer | 'stale';
type Stored = Extract<ReportAnswer, { ok: true }>;

interface Waiting {
  report: Report;
  bytes: number;
  answer: (answer: Answer) => void;
}

interface Lane {
  hostId: string;
  sessionId: string;
  /** What its agent last confirmed; null: nothing yet. */
  confirmed: number | null;
  waiting: Waiting[];
  busy: boolean;
}

interface Batch {
  lanes: { lane: Lane; reports: HostReports; taken: Waiting[] }[];
}

@Injectable()
export class ReportIngest {
  private readonly log = new Logger('ReportIngest');
  private readonly lanes = new Map<string, Lane>();
  /** Lanes with something to write, in the order in which it came. */
  private readonly ready = new Set<Lane>();
  private running = 0;
  private resting = 0;
  private waitingBytes = 0;
  private readonly hostRestMs: number;
  private readonly recentReports = new RecentSum();

  constructor(
    private readonly repository: IngestRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
    private readonly hotLogs: HotLogs,
    private readonly pace: OutputPace,
    private readonly sessions: AgentSessions,
    @Inject(ENV) env: Env,
  ) {
    this.hostRestMs = env.HEARTBEAT_SECONDS * 1_000 * HOST_RESTS;
  }

  /** `answer` is called once the report is durable, or refused. */
  report({ of: { hostId, sessionId }, confirmed }: AgentSession, report: Report, answer: (answer: Answer) => void): void {
    const bytes = report.logs.reduce((sum, { data }) => sum + data.length, 0);
    if (this.waitingBytes + bytes > MOST_WAITING_BYTES) {
      answer({ ok: false, retryInMs: RETRY_MS, message: 'too many reports are waiting to be stored' });
      return;
    }
    this.waitingBytes += bytes;
    this.pace.took(bytes);
    this.recentReports.add(1);
    const lane = this.laneOf(hostId, sessionId);
    lane.confirmed = confirmed;
    lane.waiting.push({ report, bytes, answer });
    this.offer(lane);
  }

  /** A lane a session: what an older one still has waiting is refused by its own session id. */
  private laneOf(hostId: string, sessionId: string): Lane {
    const key = `${hostId} ${sessionId}`;
    const known = this.lanes.get(key);
    if (known) return known;
    const lane: Lane = { hostId, sessionId, confirmed: null, waiting: [], busy: false };
    this.lanes.set(key, lane);
    return lane;
  }

  private offer(lane: Lane): void {
    if (lane.busy) return;
    this.ready.add(lane);
    this.begin();
  }

  private begin(): void {
    while (this.mayBegin()) void this.write(this.take());
  }

  private mayBegin(): boolean {
    if (this.ready.size === 0 || this.running >= PARALLEL) return false;
    if (this.ready.size >= LARGE.hosts || this.waitingBytes >= LARGE.bytes) return true;
    return this.running === 0 && this.resting === 0;
  }

  private rest(ms: number): void {
    this.resting++;
    setTimeout(() => {
      this.resting--;
      this.begin();
    }, ms);
  }

  /** Everything that is ready, up to the bounds of a batch; what is left of a lane comes with its next one. */
  private take(): Batch {
    const lanes: Batch['lanes'] = [];
    let bytes = 0;
    let reports = 0;
    for (const lane of this.ready) {
      if (bytes >= BATCH_BYTES || reports >= BATCH_REPORTS) break;
      let count = 0;
      for (const waiting of lane.waiting) {
        if (bytes >= BATCH_BYTES || reports >= BATCH_REPORTS) break;
        bytes += waiting.bytes;
        reports++;
        count++;
      }
      const taken = lane.waiting.splice(0, count);
      const { hostId, sessionId, confirmed } = lane;
      lanes.push({ lane, taken, reports: { hostId, sessionId, acked: confirmed, reports: taken.map(({ report }) => report) } });
      lane.busy = true;
      this.ready.delete(lane);
    }
    return { lanes };
  }

  private async write({ lanes }: Batch): Promise<void> {
    const begun = performance.now();
    this.running++;
    try {
      const outcome = await this.repository.ingest(
        lanes.map(({ reports }) => reports),
        (attempts, hosts) =>
          planIngest(
            lanes.map(({ reports }) => reports),
            attempts,
            hosts,
            new Date(),
            this.hostRestMs,
          ),
      );
      this.publish(outcome);
      this.answerAll(lanes, outcome);
    } catch (error) {
      this.log.error(`cannot store reports: ${error instanceof Error ? error.message : String(error)}`);
      for (const { taken } of lanes) {
        for (const { answer } of taken) answer({ ok: false, retryInMs: RETRY_MS, message: 'the reports could not be stored' });
      }
    } finally {
      this.running--;
      for (const { lane, taken } of lanes) this.finish(lane, taken);
      if (lanes.length >= REST.hosts) this.rest(Math.min(performance.now() - begun, REST.mostMs));
      this.begin();
    }
  }

  private answerAll(lanes: Batch['lanes'], { plan, seenHosts }: IngestOutcome): void {
    const gather = gatherMs(this.recentReports.value);
    for (const { lane, taken } of lanes) {
      const results = plan.results.get(lane.sessionId);
      const asked: Pick<Stored, 'gatherMs' | 'seen'> = {};
      if (gather > 0) asked.gatherMs = gather;
      if (seenHosts.has(lane.hostId)) asked.seen = true;
      taken.forEach(({ answer }, index) => {
        const result = results?.[index];
        answer(!result || result.stale ? 'stale' : { ok: true, logs: result.logs, unknown: result.unknown, ...asked });
      });
    }
  }

  private finish(lane: Lane, taken: readonly Waiting[]): void {
    for (const { bytes } of taken) this.waitingBytes -= bytes;
    lane.busy = false;
    if (lane.waiting.length > 0) this.ready.add(lane);
    else this.lanes.delete(`${lane.hostId} ${lane.sessionId}`);
  }

  private tellOfEnd({ id, hostId, release, removeContainer }: IngestPlan['changed'][number]): void {
    const session = release ? this.sessions.find(hostId) : undefined;
    if (removeContainer) session?.wake();
    else session?.forget(id);
  }

  private publish({ plan, wakeWorkspaces }: IngestOutcome): void {
    // Before its agent hears that the end is stored.
    for (const attempt of plan.changed) this.tellOfEnd(attempt);
    this.hotLogs.add(plan.logs);
    this.wakeups.notify(...topicsOf(plan));
    for (const workspaceId of wakeWorkspaces) void this.queues.wakePlacement(workspaceId);
    for (const illegal of plan.illegal) this.log.warn(`an agent reported what cannot be: ${illegal}`);
  }
}

function topicsOf(plan: IngestPlan): Topic[] {
  const topics = new Set<Topic>();
  for (const { workspaceId } of plan.events) topics.add(`events:${workspaceId}`);
  for (const { id, phase } of plan.runs) {
    topics.add(`run:${id}`);
    if (isTerminal(phase)) topics.add(`end:${id}`);
  }
  for (const runId of plan.logLengths.keys()) topics.add(`log:${runId}`);
  return [...topics];
}
