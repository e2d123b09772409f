/** What schedules start: each time in one transaction that inserts the run and sets the next time, so that any number of processes share the work. */
import { BerthError } from '@berth/shared/errors/problem';
import { SCHEDULE_DEFAULTS, type ScheduleSpec, SHOWN_OUTCOMES, type StartOutcome } from '@berth/shared/model/schedule';
import { Injectable } from '@nestjs/common';
import type { ActiveRun } from '../planning/schedules/plan-start.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { type NewRun, RunInserter } from './run-inserter.ts';
import { RunWrites } from './run-writes.ts';
import { ACTIVE_RUNS_OF_SCHEDULE } from './schedule-mapper.ts';

export interface ScheduleRef {
  id: string;
  workspaceId: string;
  workspaceSlug: string;
  name: string;
  spec: ScheduleSpec;
}

/** What a start is decided by, with the schedule locked. */
export interface StartState {
  spec: ScheduleSpec;
  nextAt: Date | null;
  /** By the clock of the database. */
  now: Date;
  active: ActiveRun[];
}

export interface DecidedStart {
  outcome: StartOutcome['outcome'];
  /** Null: a person asked for it. */
  scheduledAt: Date | null;
  message: string;
  /** With the outcome `started`. */
  run: NewRun | null;
  replace: readonly string[];
  /** Times that are over without a start. */
  missed: number;
  nextAt: Date | null;
  actor?: string;
}

export interface CarriedOutStart {
  workspaceId: string;
  runId: string | null;
  /** To be woken. */
  changedRunIds: string[];
  hostIds: string[];
}

const DUE_AT_ONCE = 200;
const SURPLUS_AT_ONCE = 200;

@Injectable()
export class ScheduleStarts {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly inserter: RunInserter,
    private readonly writes: RunWrites,
  ) {}

  /** Those whose time has come, the most overdue first. */
  async due(): Promise<ScheduleRef[]> {
    const { rows } = await this.database.sql.query<RefRow>({
      name: 'schedules-due',
      text: `SELECT s.id, s.workspace_id, w.slug AS workspace_slug, s.name, s.spec FROM schedule s JOIN workspace w ON w.id = s.workspace_id
              WHERE s.next_at <= now() AND s.deleted_at IS NULL ORDER BY s.next_at LIMIT $1`,
      values: [DUE_AT_ONCE],
    });
    return rows.map(toRef);
  }

  /** Milliseconds until the next one is due; null: none is. */
  async millisecondsToNext(): Promise<number | null> {
    const { rows } = await this.database.sql.query<{ ms: number | null }>({
      name: 'schedules-next',
      text: `SELECT (extract(epoch FROM min(next_at) - now()) * 1000)::float8 AS ms FROM schedule
              WHERE next_at IS NOT NULL AND deleted_at IS NULL`,
    });
    return rows[0]?.ms ?? null;
  }

  /** Null: another process has seen to it. */
  async start(ref: ScheduleRef, decide: (state: StartState) => DecidedStart | null): Promise<CarriedOutStart | null> {
    return this.database.transaction(async (sql) => {
      const state = await lock(sql, ref, 'AND s.next_at <= now() FOR NO KEY UPDATE SKIP LOCKED');
      const decided = state && decide(state);
      return decided ? this.carryOut(sql, ref, decided) : null;
    });
  }

  /** What a person asks for, whatever the time; `decide` may throw. Throws `not-found`. */
  async startNow(
    ref: ScheduleRef,
    decide: (state: StartState) => DecidedStart,
    runId: string,
    claim?: IdempotencyClaim,
  ): Promise<CarriedOutStart | EarlierAnswer> {
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, ref.workspaceId, claim, runId));
      if (earlier) return earlier;
      const state = await lock(sql, ref, 'FOR NO KEY UPDATE');
      if (!state) throw new BerthError('not-found', `There is no schedule ${ref.id}.`);
      return this.carryOut(sql, ref, decide(state));
    });
  }

  /** Null: not in this workspace, or deleted. */
  async refOf(workspaceId: string, id: string): Promise<ScheduleRef | null> {
    const { rows } = await this.database.sql.query<RefRow>(
      `SELECT s.id, s.workspace_id, w.slug AS workspace_slug, s.name, s.spec FROM schedule s JOIN workspace w ON w.id = s.workspace_id
        WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ? toRef(rows[0]) : null;
  }

  /** Runs that have ended, beyond the newest that their schedule keeps. */
  async surplus(): Promise<{ runId: string; workspaceId: string }[]> {
    const { rows } = await this.database.sql.query<{ id: string; workspace_id: string }>({
      name: 'schedules-surplus',
      text: `SELECT r.id, s.workspace_id FROM schedule s CROSS JOIN LATERAL (
               SELECT r.id FROM run r
                WHERE r.schedule_id = s.id AND r.deleted_at IS NULL AND r.stage NOT IN ('queued', 'live')
                ORDER BY r.id COLLATE "C" DESC OFFSET coalesce((s.spec->>'keep')::int, $1)) r
              WHERE s.deleted_at IS NULL LIMIT $2`,
      values: [SCHEDULE_DEFAULTS.keep, SURPLUS_AT_ONCE],
    });
    return rows.map(({ id, workspace_id }) => ({ runId: id, workspaceId: workspace_id }));
  }

  private async carryOut(sql: Sql, { id, workspaceId, name }: ScheduleRef, decided: DecidedStart): Promise<CarriedOutStart> {
    const { outcome, scheduledAt, message, run, replace, missed, nextAt, actor } = decided;
    const hostIds = await this.writes.endIn(sql, { workspaceId, actor: actorOf(name) }, { stop: replace, remove: [] });
    if (run) await this.inserter.insertIn(sql, [run]);
    const { rows } = await sql.query<{ at: Date }>('SELECT now() AS at');
    const entry: StartOutcome = {
      scheduledAt: scheduledAt?.toISOString() ?? null,
      at: (rows[0]?.at ?? new Date()).toISOString(),
      outcome,
      runId: run?.id ?? null,
      message,
    };
    const count = (of: StartOutcome['outcome']) => (outcome === of ? 1 : 0);
    await sql.query(
      `UPDATE schedule s SET next_at = $2, last_run_id = coalesce($3, last_run_id),
              last_at = CASE WHEN $3::text IS NULL THEN last_at ELSE greatest(last_at, coalesce($4, now())) END,
              outcomes = (SELECT json_agg(o.entry ORDER BY o.place) FROM (
                SELECT entry, place FROM jsonb_array_elements($5::jsonb || s.outcomes) WITH ORDINALITY AS e(entry, place) LIMIT ${SHOWN_OUTCOMES}) o)::jsonb,
              started = started + $6, skipped = skipped + $7, missed = missed + $8, refused = refused + $9,
              resource_version = resource_version + 1
        WHERE id = $1`,
      [
        id,
        nextAt,
        run?.id ?? null,
        scheduledAt,
        JSON.stringify([entry]),
        count('started'),
        count('skipped'),
        missed + count('missed'),
        count('refused'),
      ],
    );
    const data = { name, change: outcome, message, ...(actor !== undefined && { actor }) };
    await this.events.append(sql, [{ type: 'schedule.changed', workspaceId, id, data }]);
    return { workspaceId, runId: run?.id ?? null, changedRunIds: [...replace], hostIds };
  }
}

/** Who started and stopped runs, in their events. */
export const actorOf = (name: string) => `the schedule ${name}`;

interface RefRow {
  id: string;
  workspace_id: string;
  workspace_slug: string;
  name: string;
  spec: ScheduleSpec;
}
const toRef = (row: RefRow): ScheduleRef => ({
  id: row.id,
  workspaceId: row.workspace_id,
  workspaceSlug: row.workspace_slug,
  name: row.name,
  spec: row.spec,
});

/** Null: not there, or not as `condition` wants it. */
async function lock(sql: Sql, { workspaceId, id }: ScheduleRef, condition: string): Promise<StartState | null> {
  const { rows } = await sql.query<{ spec: ScheduleSpec; next_at: Date | null; now: Date }>(
    `SELECT s.spec, s.next_at, now() AS now FROM schedule s WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL ${condition}`,
    [workspaceId, id],
  );
  const row = rows[0];
  if (!row) return null;
  const active = await sql.query<{ id: string; scheduled_at: Date | null; created_at: Date; ending: boolean }>(
    `SELECT r.id, r.scheduled_at, r.created_at, r.desired IN ('stop', 'kill') AS ending FROM run r JOIN schedule s ON s.id = $1
      WHERE ${ACTIVE_RUNS_OF_SCHEDULE} ORDER BY r.id`,
    [id],
  );
  return {
    spec: row.spec,
    nextAt: row.next_at,
    now: row.now,
    active: active.rows.map((run) => ({ id: run.id, scheduledAt: run.scheduled_at, createdAt: run.created_at, ending: run.ending })),
  };
}
