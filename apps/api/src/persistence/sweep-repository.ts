/** What the sweep looks for: work whose wake-up was lost, and rows that nobody needs any more. */
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';

/** A repeated POST is recognised for a day. */
const IDEMPOTENCY_HOURS = 24;
const EVENT_DAYS = 7;
const PRUNED_AT_ONCE = 1000;
const EXPIRED_AT_ONCE = 200;

@Injectable()
export class SweepRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Workspaces with runs that the scheduler should have looked at by now. */
  async overlooked(seconds: number): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ id: string }>(
      `SELECT DISTINCT workspace_id AS id FROM run
        WHERE stage = 'queued' AND deleted_at IS NULL AND desired = 'run' AND reason = 'waiting-for-placement'
          AND created_at < now() - make_interval(secs => $1)`,
      [seconds],
    );
    return rows.map((row) => row.id);
  }

  /** Workspaces in which anything is pending, looked at or not. */
  async pending(): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ id: string }>(
      `SELECT w.id FROM workspace w
        WHERE EXISTS (SELECT 1 FROM run WHERE workspace_id = w.id AND stage = 'queued' AND deleted_at IS NULL AND desired = 'run')`,
    );
    return rows.map((row) => row.id);
  }

  /** Runs that have been at their end for as long as their spec wants them kept, the oldest ends first. */
  async expired(): Promise<{ runId: string; workspaceId: string }[]> {
    const { rows } = await this.database.sql.query<{ id: string; workspace_id: string }>(
      `SELECT id, workspace_id FROM run
        WHERE spec ? 'ttlSecondsAfterFinished' AND deleted_at IS NULL
          AND ended_at + make_interval(secs => (spec->>'ttlSecondsAfterFinished')::int) <= now()
        ORDER BY ended_at LIMIT $1`,
      [EXPIRED_AT_ONCE],
    );
    return rows.map(({ id, workspace_id }) => ({ runId: id, workspaceId: workspace_id }));
  }

  /** One process at a time; the others do nothing. Answers how many rows went. */
  async prune(): Promise<number> {
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock(hashtextextended('prune', 0)) AS mine");
      if (rows[0]?.mine !== true) return 0;
      const keys = await sql.query(
        `DELETE FROM idempotency_key WHERE (workspace_id, key) IN (
           SELECT workspace_id, key FROM idempotency_key WHERE created_at < now() - make_interval(hours => $1) LIMIT $2)`,
        [IDEMPOTENCY_HOURS, PRUNED_AT_ONCE],
      );
      const events = await this.events.prune(sql, EVENT_DAYS, PRUNED_AT_ONCE);
      return (keys.rowCount ?? 0) + events + (await pruneRuns(sql));
    });
  }
}

/** Deleted runs go once their hosts have confirmed that they know: until then the host is still to remove a container. */
async function pruneRuns(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT r.id FROM run r
      WHERE r.deleted_at < now() - interval '1 minute'
        AND NOT EXISTS (
          SELECT 1 FROM attempt a JOIN host h ON h.id = a.host_id
           WHERE a.run_id = r.id AND h.removed_at IS NULL AND (NOT a.released OR a.changed_generation > h.acked_generation))
      ORDER BY r.id LIMIT $1 FOR UPDATE OF r SKIP LOCKED`,
    [PRUNED_AT_ONCE / 10],
  );
  const ids = rows.map((row) => row.id);
  if (ids.length === 0) return 0;
  await sql.query('DELETE FROM log_chunk WHERE run_id = ANY($1)', [ids]);
  await sql.query('DELETE FROM log_segment WHERE run_id = ANY($1)', [ids]);
  await sql.query('DELETE FROM run_sample WHERE run_id = ANY($1)', [ids]);
  await sql.query('DELETE FROM port_claim WHERE attempt_id IN (SELECT id FROM attempt WHERE run_id = ANY($1))', [ids]);
  await sql.query('DELETE FROM run_volume WHERE run_id = ANY($1)', [ids]);
  await sql.query('DELETE FROM attempt WHERE run_id = ANY($1)', [ids]);
  await sql.query('DELETE FROM run WHERE id = ANY($1)', [ids]);
  return ids.length;
}
