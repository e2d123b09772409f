/** Run arrays: written with all of their runs in one transaction; cancelled and deleted by a wish that is carried out in parts. */
import { BerthError } from '@berth/shared/errors/problem';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Labels } from '@berth/shared/model/metadata';
import type { ListedRunArray, RunArray, RunArraySpec } from '@berth/shared/model/run-array';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { type RunArrayRow, runArrayColumns, toRunArray } from './run-array-mapper.ts';
import { type NewRun, RunInserter } from './run-inserter.ts';
import { Where } from './where.ts';

const FROM = 'FROM run_array y JOIN workspace w ON w.id = y.workspace_id';
const SELECT = `SELECT ${runArrayColumns('y.spec')} ${FROM}`;
const SELECT_LISTED = `SELECT ${runArrayColumns("y.spec - 'parameters'")} ${FROM}`;
/** Runs that one statement inserts, or one step ends. */
const AT_ONCE = 500;

export interface NewRunArray {
  id: string;
  workspaceId: string;
  name: string;
  labels: Labels;
  spec: RunArraySpec;
  total: number;
  actor: string;
  /** In the order of their index, made as they are asked for: ten thousand specs need not be there at once. */
  runs: Iterable<NewRun>;
}

export interface RunArrayChange {
  workspaceId: string;
  arrayId: string;
  actor: string;
  claim?: IdempotencyClaim;
}

/** A wish of a person that is not carried out yet. */
export interface ArrayWork {
  arrayId: string;
  workspaceId: string;
  work: 'cancel' | 'delete';
  actor: string;
}

export interface RunArraysWanted {
  limit: number;
  before?: string;
  name?: string;
  label?: string[];
}

@Injectable()
export class RunArrayRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
    private readonly inserter: RunInserter,
  ) {}

  /** Null: not in this workspace, or deleted. */
  async get(workspaceId: string, id: string): Promise<RunArray | null> {
    const { rows } = await this.database.sql.query<RunArrayRow>(
      `${SELECT} WHERE y.workspace_id = $1 AND y.id = $2 AND y.deleted_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ? toRunArray(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`. */
  async list(workspaceId: string, { limit, before, name, label = [] }: RunArraysWanted): Promise<ListedRunArray[]> {
    const where = new Where().and('y.workspace_id = ?', workspaceId).and('y.deleted_at IS NULL').labels('y.labels', label);
    if (before !== undefined) where.and('y.id < ?', before);
    if (name !== undefined) where.contains('y.name', name);
    const { rows } = await this.database.sql.query<RunArrayRow>(
      `${SELECT_LISTED} WHERE ${where.text} ORDER BY y.id DESC LIMIT ${limit + 1}`,
      where.values,
    );
    return rows.map(toRunArray);
  }

  /** Null: stored, all of its runs or none. */
  async insert(array: NewRunArray, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    const { id, workspaceId, name, labels, spec, total, actor, runs } = array;
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, workspaceId, claim, id));
      if (earlier) return earlier;
      await sql.query(
        'INSERT INTO run_array (id, workspace_id, name, labels, spec, total, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7)',
        [id, workspaceId, name, JSON.stringify(labels), JSON.stringify(spec), total, actor],
      );
      for (const batch of inBatches(runs)) await this.inserter.insertIn(sql, batch);
      const message = `created, with ${total === 1 ? 'one run' : `${total} runs`}`;
      await this.events.append(sql, [changed(array, id, { name, change: 'created', message, actor })]);
      return null;
    });
  }

  /** False: it was so already, or all had ended. Throws `not-found`. */
  async cancel(change: RunArrayChange): Promise<boolean> {
    const { workspaceId, arrayId, actor, claim } = change;
    return this.database.transaction(async (sql) => {
      if (claim && (await this.idempotency.claim(sql, workspaceId, claim, arrayId))) return false;
      const { name, active, cancelled } = await lock(sql, change);
      if (cancelled || active === 0) return false;
      await sql.query(`UPDATE run_array SET cancelled_by = $2, work = 'cancel', resource_version = resource_version + 1 WHERE id = $1`, [
        arrayId,
        actor,
      ]);
      const message = `cancelled: ${active === 1 ? 'one run' : `${active} runs`} had not ended`;
      await this.events.append(sql, [changed(change, arrayId, { name, change: 'cancelled', message, actor })]);
      return true;
    });
  }

  /** Its readers no longer see it; its runs go after it. Throws `not-found`, and `conflict` where some have not ended, without `force`. */
  async remove(change: RunArrayChange, force: boolean): Promise<void> {
    const { arrayId, actor } = change;
    await this.database.transaction(async (sql) => {
      const { name, active } = await lock(sql, change);
      if (active > 0 && !force) {
        const runs = active === 1 ? 'One run of it has' : `${active} of its runs have`;
        throw new BerthError('conflict', `${runs} not ended: cancel it first, or delete it with ?force=true, which kills them.`);
      }
      await sql.query(
        `UPDATE run_array SET deleted_at = now(), work = 'delete', cancelled_by = coalesce(cancelled_by, $2), resource_version = resource_version + 1
          WHERE id = $1`,
        [arrayId, actor],
      );
      await this.events.append(sql, [changed(change, arrayId, { name, change: 'deleted', message: 'deleted, with its runs', actor })]);
    });
  }

  /** What is still to be carried out, of one array or of all. */
  async unfinished(arrayId?: string): Promise<ArrayWork[]> {
    const { rows } = await this.database.sql.query<{ id: string; workspace_id: string; work: 'cancel' | 'delete'; actor: string }>({
      name: 'run-arrays-unfinished',
      text: `SELECT id, workspace_id, work, coalesce(cancelled_by, created_by) AS actor FROM run_array
              WHERE work IS NOT NULL AND ($1::text IS NULL OR id = $1) ORDER BY id`,
      values: [arrayId ?? null],
    });
    return rows.map((row) => ({ arrayId: row.id, workspaceId: row.workspace_id, work: row.work, actor: row.actor }));
  }

  /** Cancels some of those that wait for a host, with one statement; answers how many. */
  async cancelQueued({ arrayId, workspaceId, actor }: ArrayWork): Promise<number> {
    return this.database.transaction(async (sql) => {
      const message = `cancelled by ${nameOfActor(actor)}, with its run array, while it waited for a host`;
      // The lock and the condition together: a placement that came first has set attempt_id.
      const { rows } = await sql.query<{ id: string }>(
        `WITH waiting AS MATERIALIZED (
           SELECT r.id FROM run r WHERE r.array_id = $1 AND r.deleted_at IS NULL AND r.stage = 'queued' AND r.attempt_id IS NULL
            ORDER BY r.id LIMIT $4 FOR UPDATE SKIP LOCKED)
         UPDATE run r SET phase = 'cancelled', reason = 'cancelled', message = $2, waiting = NULL, desired = 'stop', finished_at = now(), ended_at = now(),
                generation = generation + 1, observed_generation = generation + 1, resource_version = resource_version + 1,
                phase_times = phase_times || jsonb_build_object('cancelled', $3::text)
           FROM waiting WHERE r.id = waiting.id RETURNING r.id`,
        [arrayId, message, new Date().toISOString(), AT_ONCE],
      );
      const ended = { phase: 'cancelled', reason: 'cancelled', message, attemptId: null, hostId: null, exitCode: null } as const;
      await this.events.append(
        sql,
        rows.flatMap(({ id }): NewEvent[] => [
          { type: 'run.requested', workspaceId, id, data: { action: 'cancel', actor } },
          { type: 'run.phase', workspaceId, id, data: ended },
        ]),
      );
      return rows.length;
    });
  }

  /** Some of the runs that the work is still to be done to. */
  async runsFor({ arrayId, work }: ArrayWork): Promise<string[]> {
    const which = work === 'cancel' ? `AND r.stage IN ('queued', 'live') AND r.desired IN ('run', 'pause')` : '';
    const { rows } = await this.database.sql.query<{ id: string }>(
      `SELECT r.id FROM run r WHERE r.array_id = $1 AND r.deleted_at IS NULL ${which} ORDER BY r.id LIMIT $2`,
      [arrayId, AT_ONCE],
    );
    return rows.map(({ id }) => id);
  }

  async finish({ arrayId, work }: ArrayWork): Promise<void> {
    await this.database.sql.query('UPDATE run_array SET work = NULL WHERE id = $1 AND work = $2', [arrayId, work]);
  }
}

const changed = (
  { workspaceId }: { workspaceId: string },
  id: string,
  data: { name: string; change: string; message: string; actor: string },
): NewEvent => ({ type: 'array.changed', workspaceId, id, data });

function* inBatches(runs: Iterable<NewRun>): Generator<NewRun[]> {
  let batch: NewRun[] = [];
  for (const run of runs) {
    batch.push(run);
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function lock(sql: Sql, { workspaceId, arrayId }: RunArrayChange): Promise<{ name: string; active: number; cancelled: boolean }> {
  const { rows } = await sql.query<{ name: string; cancelled: boolean }>(
    `SELECT name, cancelled_by IS NOT NULL AS cancelled FROM run_array
      WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE`,
    [workspaceId, arrayId],
  );
  const row = rows[0];
  if (!row) throw new BerthError('not-found', `There is no run array ${arrayId}.`);
  const active = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM run r WHERE r.array_id = $1 AND r.deleted_at IS NULL AND r.stage IN ('queued', 'live')`,
    [arrayId],
  );
  return { ...row, active: active.rows[0]?.count ?? 0 };
}
