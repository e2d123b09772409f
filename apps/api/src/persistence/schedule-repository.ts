/** Schedules as people write and read them. What they start is written by schedule-starts.ts. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Labels } from '@berth/shared/model/metadata';
import type { Schedule, ScheduleSpec } from '@berth/shared/model/schedule';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { SCHEDULE_COLUMNS, type ScheduleRow, toSchedule } from './schedule-mapper.ts';
import { isUniqueViolation } from './unique-violation.ts';
import { Where } from './where.ts';

const SELECT = `SELECT ${SCHEDULE_COLUMNS} FROM schedule s JOIN workspace w ON w.id = s.workspace_id`;

export interface NewSchedule {
  id: string;
  workspaceId: string;
  name: string;
  labels: Labels;
  spec: ScheduleSpec;
  nextAt: Date | null;
  actor: string;
}

export interface ScheduleChange {
  workspaceId: string;
  scheduleId: string;
  actor: string;
  /** The resourceVersion that the caller has seen; absent: any. */
  ifMatch?: string;
  claim?: IdempotencyClaim;
}

/** What a change is decided by. */
export interface ScheduleNow {
  name: string;
  labels: Labels;
  spec: ScheduleSpec;
  nextAt: Date | null;
  lastAt: Date | null;
  /** By the clock of the database: the one that starts go by. */
  now: Date;
}

export interface DecidedChange {
  labels: Labels;
  spec: ScheduleSpec;
  nextAt: Date | null;
  /** What its event says. */
  change: 'updated' | 'paused' | 'resumed';
  message: string;
}

export interface SchedulesWanted {
  limit: number;
  before?: string;
  name?: string;
  label?: string[];
}

@Injectable()
export class ScheduleRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  /** Null: not in this workspace, or deleted. */
  async get(workspaceId: string, id: string): Promise<Schedule | null> {
    const { rows } = await this.database.sql.query<ScheduleRow>(
      `${SELECT} WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ? toSchedule(rows[0]) : null;
  }

  /** As `get`, by its name. */
  async named(workspaceId: string, name: string): Promise<Schedule | null> {
    const { rows } = await this.database.sql.query<ScheduleRow>(
      `${SELECT} WHERE s.workspace_id = $1 AND s.name = $2 AND s.deleted_at IS NULL`,
      [workspaceId, name],
    );
    return rows[0] ? toSchedule(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`: the one too many says that there is a next page. */
  async list(workspaceId: string, { limit, before, name, label = [] }: SchedulesWanted): Promise<Schedule[]> {
    const where = new Where().and('s.workspace_id = ?', workspaceId).and('s.deleted_at IS NULL').labels('s.labels', label);
    if (before !== undefined) where.and('s.id < ?', before);
    if (name !== undefined) where.contains('s.name', name);
    const { rows } = await this.database.sql.query<ScheduleRow>(
      `${SELECT} WHERE ${where.text} ORDER BY s.id DESC LIMIT ${limit + 1}`,
      where.values,
    );
    return rows.map(toSchedule);
  }

  /** Null: stored. Throws BerthError `conflict` where the name is taken. */
  async insert(schedule: NewSchedule, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    const { id, workspaceId, name, labels, spec, nextAt, actor } = schedule;
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, workspaceId, claim, id));
      if (earlier) return earlier;
      try {
        await sql.query(
          `INSERT INTO schedule (id, workspace_id, name, labels, spec, next_at, paused_by, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
          [id, workspaceId, name, JSON.stringify(labels), JSON.stringify(spec), nextAt, spec.paused ? actor : null, actor],
        );
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        const message = `There is a schedule "${name}" already; choose another name, or change that one.`;
        throw new BerthError('conflict', message, { errors: [{ path: 'metadata.name', message: 'is taken' }] }, { cause: error });
      }
      const data = { name, change: 'created', message: 'created', actor };
      await this.events.append(sql, [{ type: 'schedule.changed', workspaceId, id, data }]);
      return null;
    });
  }

  /** `decide` answers null where it is so already. Throws `not-found` and `precondition-failed`. */
  async change(change: ScheduleChange, decide: (now: ScheduleNow) => DecidedChange | null): Promise<boolean> {
    const { workspaceId, scheduleId, actor, claim } = change;
    return this.database.transaction(async (sql) => {
      if (claim && (await this.idempotency.claim(sql, workspaceId, claim, scheduleId))) return false;
      const now = await lock(sql, change);
      const decided = decide(now);
      if (!decided) return false;
      const { labels, spec, nextAt, message } = decided;
      await sql.query(
        `UPDATE schedule SET labels = $2, generation = generation + CASE WHEN spec = $3::jsonb THEN 0 ELSE 1 END, spec = $3, next_at = $4,
                paused_by = CASE WHEN NOT $5 THEN NULL ELSE coalesce(paused_by, $6) END, resource_version = resource_version + 1
          WHERE id = $1`,
        [scheduleId, JSON.stringify(labels), JSON.stringify(spec), nextAt, spec.paused === true, actor],
      );
      const data = { name: now.name, change: decided.change, message, actor };
      await this.events.append(sql, [{ type: 'schedule.changed', workspaceId, id: scheduleId, data }]);
      return true;
    });
  }

  /** It starts nothing more; runs that it started stay as they are. */
  async remove(change: ScheduleChange): Promise<void> {
    await this.database.transaction(async (sql) => {
      const { name } = await lock(sql, change);
      await sql.query('UPDATE schedule SET deleted_at = now(), next_at = NULL, resource_version = resource_version + 1 WHERE id = $1', [
        change.scheduleId,
      ]);
      const data = { name, change: 'deleted', message: 'deleted: it starts nothing more', actor: change.actor };
      await this.events.append(sql, [{ type: 'schedule.changed', workspaceId: change.workspaceId, id: change.scheduleId, data }]);
    });
  }
}

async function lock(sql: Sql, { workspaceId, scheduleId, ifMatch }: ScheduleChange): Promise<ScheduleNow> {
  const { rows } = await sql.query<
    Pick<ScheduleRow, 'name' | 'labels' | 'spec' | 'next_at' | 'last_at' | 'resource_version'> & { now: Date }
  >(
    `SELECT name, labels, spec, next_at, last_at, resource_version, clock_timestamp() AS now FROM schedule
      WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE`,
    [workspaceId, scheduleId],
  );
  const row = rows[0];
  if (!row) throw new BerthError('not-found', `There is no schedule ${scheduleId}.`);
  if (ifMatch !== undefined && ifMatch !== String(row.resource_version)) {
    throw new BerthError('precondition-failed', `The schedule is at version ${row.resource_version}: read it again.`);
  }
  return { name: row.name, labels: row.labels, spec: row.spec, nextAt: row.next_at, lastAt: row.last_at, now: row.now };
}
