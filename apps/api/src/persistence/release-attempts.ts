/**
 * Attempts that are given up: they leave the set of their host, which so gets another generation, and nothing that the host says of
 * them is used any more. Their runs end with them, or are queued again for another attempt.
 */
import type { Reason } from '@berth/shared/model/reason';
import type { Sql } from './database.ts';
import type { EventRepository, NewEvent } from './event-repository.ts';

export interface ReleasedAttempt {
  attemptId: string;
  reason: Reason;
  message: string;
  /** Its run is placed again, unless it was asked to end meanwhile. */
  again: boolean;
}

export interface Released {
  workspaceId: string;
  runId: string;
  hostId: string;
  again: boolean;
}

interface ReleasedRow {
  workspace_id: string;
  run_id: string;
  attempt_id: string;
  host_id: string;
  number: number;
  reason: Reason;
  message: string;
  again: boolean;
}

/** Attempts, then hosts; the caller has locked the runs. An attempt that has ended meanwhile stays as it ended. */
const RELEASE = `
  WITH u AS (SELECT * FROM json_to_recordset($1::json) AS u("attemptId" text, reason text, message text, again bool)),
  held AS (
    SELECT a.id FROM attempt a JOIN u ON u."attemptId" = a.id WHERE NOT a.released ORDER BY a.id FOR NO KEY UPDATE OF a
  ), targets AS (
    SELECT id FROM host WHERE id IN (SELECT a.host_id FROM attempt a JOIN held ON held.id = a.id) ORDER BY id FOR NO KEY UPDATE
  ), bumped AS (
    UPDATE host h SET generation = h.generation + 1 FROM targets t WHERE h.id = t.id RETURNING h.id, h.generation
  ), ended AS (
    UPDATE attempt a
       SET phase = 'lost', reason = u.reason, finished_at = now(), ended_at = now(), released = true, changed_generation = b.generation, restart_at = NULL, retry_until = NULL,
           health = NULL, phase_times = a.phase_times || jsonb_build_object('lost', $2::text),
           message = u.message || CASE WHEN a.phase IN ('assigned', 'pulling', 'creating') THEN ''
             ELSE format('; of what it wrote, what came after the first %s bytes is not known', a.stdout_bytes + a.stderr_bytes) END
      FROM u JOIN held ON held.id = u."attemptId", bumped b
     WHERE a.id = u."attemptId" AND b.id = a.host_id
    RETURNING a.id, a.run_id, a.host_id, a.number, a.message AS ended_message, u.reason, u.message, u.again
  ), freed AS (
    DELETE FROM port_claim WHERE attempt_id IN (SELECT id FROM ended)
  ), settled AS (
    SELECT e.*, e.again AND r.desired = 'run' AND r.deleted_at IS NULL AS anew FROM ended e JOIN run r ON r.id = e.run_id AND r.attempt_id = e.id
  )
  UPDATE run r
     SET phase = CASE WHEN s.anew THEN 'queued' ELSE 'lost' END,
         reason = CASE WHEN s.anew THEN 'waiting-for-placement' ELSE s.reason END,
         message = CASE WHEN s.anew THEN s.message || '; it is to be placed again' ELSE s.ended_message END,
         waiting = CASE WHEN s.anew THEN jsonb_build_object('reason', 'waiting-for-placement', 'message', s.message, 'since', $2::text,
           'deadline', NULL, 'next', 'The scheduler looks for another host within moments.') END,
         attempt_id = CASE WHEN s.anew THEN NULL ELSE r.attempt_id END,
         host_id = CASE WHEN s.anew THEN NULL ELSE r.host_id END,
         phase_times = CASE WHEN s.anew THEN jsonb_build_object('queued', $2::text)
           ELSE r.phase_times || jsonb_build_object('lost', $2::text) END,
         started_at = CASE WHEN s.anew THEN NULL ELSE r.started_at END,
         finished_at = CASE WHEN s.anew THEN NULL ELSE now() END,
         ended_at = CASE WHEN s.anew THEN NULL ELSE now() END,
         exit_code = NULL, signal = NULL, oom_killed = false, health = NULL,
         restarts = CASE WHEN s.anew THEN 0 ELSE r.restarts END,
         image_digest = CASE WHEN s.anew THEN NULL ELSE r.image_digest END,
         observed_generation = r.generation, resource_version = r.resource_version + 1
    FROM settled s WHERE r.id = s.run_id
  RETURNING r.workspace_id, r.id AS run_id, s.id AS attempt_id, s.host_id, s.number, s.reason, s.message, s.anew AS again`;

export async function releaseAttempts(sql: Sql, events: EventRepository, attempts: readonly ReleasedAttempt[]): Promise<Released[]> {
  if (attempts.length === 0) return [];
  const { rows } = await sql.query<ReleasedRow>({
    name: 'release-attempts',
    text: RELEASE,
    values: [JSON.stringify(attempts), new Date().toISOString()],
  });
  await events.append(sql, rows.map(toEvent));
  return rows.map((row) => ({ workspaceId: row.workspace_id, runId: row.run_id, hostId: row.host_id, again: row.again }));
}

function toEvent({ workspace_id, run_id, attempt_id, host_id, number, reason, message, again }: ReleasedRow): NewEvent {
  const of = { workspaceId: workspace_id, id: run_id };
  if (again) return { ...of, type: 'run.replacing', data: { attemptId: attempt_id, hostId: host_id, number, reason, message } };
  const data = { phase: 'lost', reason, message, attemptId: attempt_id, hostId: host_id, exitCode: null } as const;
  return { ...of, type: 'run.phase', data };
}
