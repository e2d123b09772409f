/**
 * What hosts report, written in batches: one transaction for the reports of many hosts, one statement a table.
 * Locks are taken in the order runs, attempts, hosts, each by id; all other writers keep to it.
 */
import type { Desired } from '@berth/shared/model/desired';
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import { DEFAULT_STOP_GRACE_SECONDS, type Exit, type Health, type OnHostLost } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';
import { Injectable } from '@nestjs/common';
import type { AttemptState, HostReports, HostState, IngestPlan } from '../planning/ingest/model.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { writeLogs } from './log-writer.ts';

export interface IngestOutcome {
  plan: IngestPlan;
  /** Workspaces in which room was made and something is waiting for it. */
  wakeWorkspaces: string[];
  /** Hosts that were seen by these reports, as by a heartbeat: ready ones whose row was written anyway. */
  seenHosts: ReadonlySet<string>;
}

interface LockedRow {
  id: string;
  run_id: string;
  workspace_id: string;
  host_id: string;
  number: number;
  desired: Desired;
  phase: Phase;
  reason: Reason;
  message: string;
  pull: Pull | null;
  container_id: string | null;
  image_digest: string | null;
  exit_code: number | null;
  signal: string | null;
  oom_killed: boolean;
  phase_times: Partial<Record<Phase, string>>;
  started_at: Date | null;
  finished_at: Date | null;
  restarts: number;
  restart_at: Date | null;
  retry_until: Date | null;
  exits: Exit[];
  health: Health | null;
  stdout_bytes: number;
  stderr_bytes: number;
  changed_generation: number;
  released: boolean;
  has_ports: boolean;
  evicted: boolean;
  remove_container: boolean;
  run_desired: Desired;
  restarts_always: boolean;
  on_host_lost: OnHostLost | null;
  stop_grace_seconds: number | null;
  run_attempt_id: string | null;
  run_generation: number;
  run_observed_generation: number;
  run_log_bytes: number;
  run_phase_times: Partial<Record<Phase, string>>;
  run_waiting: Waiting | null;
}

@Injectable()
export class IngestRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Locks what the batch speaks of, asks `plan` what comes of it, and writes that. */
  async ingest(
    batch: readonly HostReports[],
    plan: (attempts: readonly AttemptState[], hosts: readonly HostState[]) => IngestPlan,
  ): Promise<IngestOutcome> {
    let waiting: Promise<string[]> = Promise.resolve([]);
    let seen: Promise<string[]> = Promise.resolve([]);
    const planned = await this.database.transaction(async (sql, defer) => {
      const [attempts, hosts] = await Promise.all([lockAttempts(sql, attemptIdsOf(batch)), readHosts(sql, batch)]);
      const planned = plan(attempts, hosts);
      // Logs before phases: an end is never seen before the output that led to it; it is one transaction, and this is its order too.
      // Each is one statement, sent before this function returns: the commit goes right behind.
      defer(writeLogs(sql, planned.logs));
      defer(growAttempts(sql, planned));
      defer(growRuns(sql, planned));
      defer(updateRuns(sql, planned));
      seen = updateHosts(sql, planned);
      defer(seen);
      defer(updateChanged(sql, planned));
      const events = planned.events.map(({ runId, ...event }) => ({ ...event, id: runId }));
      defer(this.events.append(sql, events));
      waiting = waitingWorkspaces(sql, planned);
      defer(waiting);
      return planned;
    });
    return { plan: planned, wakeWorkspaces: await waiting, seenHosts: new Set(await seen) };
  }
}

function attemptIdsOf(batch: readonly HostReports[]): string[] {
  const ids = new Set<string>();
  for (const { reports } of batch) {
    for (const { logs, pulls, phases } of reports) {
      for (const part of [logs, pulls, phases]) for (const { attemptId } of part) ids.add(attemptId);
    }
  }
  return [...ids];
}

async function lockAttempts(sql: Sql, ids: readonly string[]): Promise<AttemptState[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql.query<LockedRow>({
    name: 'ingest-lock',
    text: `
      SELECT a.id, a.run_id, a.workspace_id, a.host_id, a.number, a.desired, a.phase, a.reason, a.message, a.pull, a.container_id,
             a.image_digest, a.exit_code, a.signal, a.oom_killed, a.phase_times, a.started_at, a.finished_at, a.restarts, a.restart_at, a.retry_until, a.exits, a.health, a.stdout_bytes,
             a.stderr_bytes, a.changed_generation, a.released, a.evicted, a.remove_container, a.ports <> '[]'::jsonb AS has_ports,
             (r.spec->>'stopGracePeriodSeconds')::int AS stop_grace_seconds, r.attempt_id AS run_attempt_id,
             CASE WHEN r.deleted_at IS NULL THEN r.desired ELSE 'kill' END AS run_desired,
             coalesce(r.spec->'restart'->>'policy' = 'always', false) AS restarts_always, r.spec->>'onHostLost' AS on_host_lost,
             r.generation AS run_generation, r.observed_generation AS run_observed_generation, r.log_bytes AS run_log_bytes,
             r.phase_times AS run_phase_times, r.waiting AS run_waiting
        FROM run r JOIN attempt a ON a.run_id = r.id
       WHERE a.id = ANY($1)
       ORDER BY r.id, a.id
         FOR NO KEY UPDATE OF r, a`,
    values: [ids],
  });
  return rows.map(toAttemptState);
}

function toAttemptState(row: LockedRow): AttemptState {
  return {
    id: row.id,
    runId: row.run_id,
    workspaceId: row.workspace_id,
    hostId: row.host_id,
    number: row.number,
    desired: row.desired,
    released: row.released,
    changedGeneration: row.changed_generation,
    hasPorts: row.has_ports,
    evicted: row.evicted,
    removeContainer: row.remove_container,
    stopGraceSeconds: row.stop_grace_seconds ?? DEFAULT_STOP_GRACE_SECONDS,
    stdoutBytes: row.stdout_bytes,
    stderrBytes: row.stderr_bytes,
    runLogBytes: row.run_log_bytes,
    status: {
      phase: row.phase,
      reason: row.reason,
      message: row.message,
      pull: row.pull,
      containerId: row.container_id,
      imageDigest: row.image_digest,
      exitCode: row.exit_code,
      signal: row.signal,
      oomKilled: row.oom_killed,
      phaseTimes: row.phase_times,
      startedAt: row.started_at?.toISOString() ?? null,
      finishedAt: row.finished_at?.toISOString() ?? null,
      restarts: row.restarts,
      restartAt: row.restart_at?.toISOString() ?? null,
      retryUntil: row.retry_until?.toISOString() ?? null,
      exits: row.exits,
      health: row.health,
    },
    run: {
      current: row.run_attempt_id === row.id,
      desired: row.run_desired,
      restartsAlways: row.restarts_always,
      onHostLost: row.on_host_lost ?? 'wait',
      generation: row.run_generation,
      observedGeneration: row.run_observed_generation,
      phaseTimes: row.run_phase_times,
      waiting: row.run_waiting,
    },
  };
}

interface HostRow {
  id: string;
  name: string;
  session_id: string | null;
  acked_generation: number;
  state: string;
  unseen_ms: number | null;
}

/** Not locked: a session that takes over meanwhile finds what this one has stored, and sends nothing twice that would matter. */
async function readHosts(sql: Sql, batch: readonly HostReports[]): Promise<HostState[]> {
  const { rows } = await sql.query<HostRow>({
    name: 'ingest-hosts',
    text: `SELECT id, name, session_id, acked_generation, state, extract(epoch FROM now() - last_seen_at)::float8 * 1000 AS unseen_ms
             FROM host WHERE id = ANY($1) AND removed_at IS NULL`,
    values: [batch.map(({ hostId }) => hostId)],
  });
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    sessionId: row.session_id,
    ackedGeneration: row.acked_generation,
    ready: row.state === 'ready',
    unseenMs: row.unseen_ms ?? Number.POSITIVE_INFINITY,
  }));
}

async function growAttempts(sql: Sql, { grown }: IngestPlan): Promise<void> {
  if (grown.length === 0) return;
  await sql.query({
    name: 'ingest-grown-attempts',
    text: `UPDATE attempt a SET stdout_bytes = g.stdout, stderr_bytes = g.stderr
             FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS g(id, stdout, stderr) WHERE a.id = g.id`,
    values: [grown.map(({ id }) => id), grown.map(({ stdoutBytes }) => stdoutBytes), grown.map(({ stderrBytes }) => stderrBytes)],
  });
}

async function growRuns(sql: Sql, { logLengths, runs }: IngestPlan): Promise<void> {
  const updated = new Set(runs.map(({ id }) => id));
  const lengths = [...logLengths].filter(([runId]) => !updated.has(runId));
  if (lengths.length === 0) return;
  await sql.query({
    name: 'ingest-grown-runs',
    text: `UPDATE run r SET log_bytes = g.length, resource_version = r.resource_version + 1
             FROM unnest($1::text[], $2::bigint[]) AS g(id, length) WHERE r.id = g.id`,
    values: [lengths.map(([id]) => id), lengths.map(([, length]) => length)],
  });
}

async function updateRuns(sql: Sql, { runs, logLengths }: IngestPlan): Promise<void> {
  if (runs.length === 0) return;
  await sql.query({
    name: 'ingest-runs',
    text: `
      UPDATE run r
         SET phase = u.phase, reason = u.reason, message = u.message, waiting = u.waiting, exit_code = u."exitCode", signal = u.signal,
             oom_killed = u."oomKilled", image_digest = u."imageDigest", started_at = u."startedAt", finished_at = u."finishedAt",
             ended_at = CASE WHEN u.ended THEN coalesce(r.ended_at, now()) END,
             phase_times = u."phaseTimes", observed_generation = u."observedGeneration", restarts = u.restarts, health = u.health, log_bytes = coalesce(u."logBytes", r.log_bytes),
             attempt_id = CASE WHEN u.again THEN NULL ELSE r.attempt_id END, host_id = CASE WHEN u.again THEN NULL ELSE r.host_id END,
             resource_version = r.resource_version + 1
        FROM json_to_recordset($1::json) AS u(id text, phase text, reason text, message text, waiting jsonb, "exitCode" int, signal text,
             "oomKilled" bool, "imageDigest" text, "startedAt" timestamptz, "finishedAt" timestamptz, "phaseTimes" jsonb,
             "observedGeneration" int, "logBytes" bigint, restarts int, health text, again bool, ended bool)
       WHERE r.id = u.id`,
    values: [JSON.stringify(runs.map((run) => ({ ...run, logBytes: logLengths.get(run.id) ?? null, ended: isTerminal(run.phase) })))],
  });
}

/**
 * What agents have confirmed, of hosts that were not seen for a while (in between it is the sessions that know it), and another generation for
 * hosts that are to remove a container whose end they have reported. All hosts in one statement, by id: two would lock them in two orders. Answers
 * those that were seen by it: what is not ready is left to its next heartbeat, with which its state is derived anew.
 */
async function updateHosts(sql: Sql, { seen, changed }: IngestPlan): Promise<string[]> {
  const removing = new Set(changed.flatMap(({ release, removeContainer, hostId }) => (release && removeContainer ? [hostId] : [])));
  const bySession = new Map(seen.map((host) => [host.hostId, host]));
  const ids = [...new Set([...removing, ...bySession.keys()])];
  if (ids.length === 0) return [];
  const { rows } = await sql.query<{ id: string; seen: boolean }>({
    name: 'ingest-hosts-update',
    text: `
      WITH u AS (SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::bool[]) AS u(id, session_id, confirmed, removes)),
      targets AS (
        SELECT u.id, u.removes, CASE WHEN h.session_id = u.session_id THEN u.confirmed END AS confirmed,
               coalesce(h.session_id = u.session_id AND h.state = 'ready', false) AS seen
          FROM host h JOIN u ON u.id = h.id ORDER BY h.id FOR NO KEY UPDATE OF h)
      UPDATE host h
         SET generation = h.generation + t.removes::int, acked_generation = greatest(h.acked_generation, t.confirmed),
             last_seen_at = CASE WHEN t.seen THEN now() ELSE h.last_seen_at END
        FROM targets t WHERE h.id = t.id
      RETURNING h.id, t.seen`,
    values: [
      ids,
      ids.map((id) => bySession.get(id)?.sessionId ?? null),
      ids.map((id) => bySession.get(id)?.generation ?? null),
      ids.map((id) => removing.has(id)),
    ],
  });
  return rows.filter((row) => row.seen).map((row) => row.id);
}

/**
 * After updateHosts. An attempt at its end leaves the set of its host. That is no other generation: its agent has said so itself, and is told to forget it
 * by its session. Only where its container is to be removed with that the agent has something to do.
 */
async function updateChanged(sql: Sql, { changed }: IngestPlan): Promise<void> {
  if (changed.length === 0) return;
  const rows = changed.map(({ id, status, stdoutBytes, stderrBytes, release, hasPorts }) => ({
    ...status,
    id,
    stdoutBytes,
    stderrBytes,
    release,
    hasPorts,
  }));
  await sql.query({
    name: 'ingest-attempts',
    text: `
      WITH u AS (
        SELECT * FROM json_to_recordset($1::json) AS u(id text, phase text, reason text, message text, pull jsonb,
          "containerId" text, "imageDigest" text, "exitCode" int, signal text, "oomKilled" bool, "phaseTimes" jsonb,
          "startedAt" timestamptz, "finishedAt" timestamptz, "stdoutBytes" bigint, "stderrBytes" bigint, release bool, "hasPorts" bool,
          restarts int, "restartAt" timestamptz, "retryUntil" timestamptz, exits jsonb, health jsonb)
      ), freed AS (
        DELETE FROM port_claim WHERE attempt_id IN (SELECT id FROM u WHERE release AND "hasPorts")
      )
      UPDATE attempt a
         SET phase = u.phase, reason = u.reason, message = u.message, pull = u.pull, container_id = u."containerId",
             image_digest = u."imageDigest", exit_code = u."exitCode", signal = u.signal, oom_killed = u."oomKilled",
             phase_times = u."phaseTimes", started_at = u."startedAt", finished_at = u."finishedAt", stdout_bytes = u."stdoutBytes",
             restarts = u.restarts, restart_at = u."restartAt", retry_until = u."retryUntil", exits = u.exits, health = u.health,
             stderr_bytes = u."stderrBytes", released = u.release, ended_at = CASE WHEN u.release THEN coalesce(a.ended_at, now()) END,
             changed_generation = CASE WHEN u.release AND a.remove_container THEN (SELECT h.generation FROM host h WHERE h.id = a.host_id)
                                       ELSE a.changed_generation END
        FROM u WHERE a.id = u.id`,
    values: [JSON.stringify(rows)],
  });
}

async function waitingWorkspaces(sql: Sql, { changed, runs }: IngestPlan): Promise<string[]> {
  const again = new Set(runs.filter((run) => run.again).map(({ id }) => id));
  const anew = new Set(changed.filter(({ runId }) => again.has(runId)).map(({ workspaceId }) => workspaceId));
  const freed = new Set(changed.filter(({ release }) => release).map(({ workspaceId }) => workspaceId));
  if (freed.size === 0) return [];
  // Those that the scheduler has not looked at yet have a wake-up of their own.
  const { rows } = await sql.query<{ id: string }>({
    name: 'ingest-waiting',
    text: `SELECT w.id FROM unnest($1::text[]) AS w(id)
            WHERE EXISTS (SELECT 1 FROM run WHERE workspace_id = w.id AND left_waiting)`,
    values: [[...freed]],
  });
  return [...new Set([...rows.map((row) => row.id), ...anew])];
}
