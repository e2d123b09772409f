/** Runs as their readers see them. What users change is in run-writes.ts, what hosts report in the ingest repository. */
import type { Phase } from '@berth/shared/model/phase';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';
import { ATTEMPT_COLUMNS, type AttemptRow, RUN_COLUMNS, type RunRow, toRun } from './run-mapper.ts';
import { type RunsWanted, selectRuns } from './run-search.ts';

/** By somebody, and not by a service, a schedule or an array. */
const ASKED_FOR = 'service_id IS NULL AND schedule_id IS NULL AND array_id IS NULL';
const BESIDE_RUN = 'JOIN workspace w ON w.id = r.workspace_id LEFT JOIN host h ON h.id = r.host_id';

@Injectable()
export class RunRepository {
  constructor(private readonly database: Database) {}

  /** Null: not in this workspace, or deleted. */
  async get(workspaceId: string, id: string): Promise<Run | null> {
    const { rows } = await this.database.sql.query<RunRow>({
      name: 'get-run',
      text: `SELECT ${RUN_COLUMNS} FROM run r ${BESIDE_RUN} WHERE r.workspace_id = $1 AND r.id = $2 AND r.deleted_at IS NULL`,
      values: [workspaceId, id],
    });
    const [run] = await this.withAttempts(rows);
    return run ?? null;
  }

  /** The newest of exactly this name that is not at an end, and that somebody asked for. */
  async activeNamed(workspaceId: string, name: string): Promise<Run | null> {
    const { rows } = await this.database.sql.query<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM run r ${BESIDE_RUN}
        WHERE r.workspace_id = $1 AND r.name = $2 AND r.stage IN ('queued', 'live') AND r.deleted_at IS NULL AND ${ASKED_FOR}
        ORDER BY r.id DESC LIMIT 1`,
      [workspaceId, name],
    );
    const [run] = await this.withAttempts(rows);
    return run ?? null;
  }

  /** Those that are not at an end and that somebody asked for, newest first, at most `limit`. */
  async active(workspaceId: string, limit: number): Promise<Run[]> {
    const page = (
      stage: string,
    ) => `(SELECT * FROM run WHERE workspace_id = $1 AND stage = '${stage}' AND deleted_at IS NULL AND ${ASKED_FOR}
        ORDER BY id DESC LIMIT $2)`;
    const { rows } = await this.database.sql.query<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM (${page('queued')} UNION ALL ${page('live')}) r ${BESIDE_RUN} ORDER BY r.id DESC LIMIT $2`,
      [workspaceId, limit],
    );
    return this.withAttempts(rows);
  }

  /** Only where it is, for those who wait. Null as in `get`. */
  async phaseOf(workspaceId: string, id: string): Promise<Phase | null> {
    const { rows } = await this.database.sql.query<{ phase: Phase }>({
      name: 'phase-of-run',
      text: 'SELECT phase FROM run WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL',
      values: [workspaceId, id],
    });
    return rows[0]?.phase ?? null;
  }

  /** In their order, at most `limit + 1`: the one too many says that there is a next page. */
  async list(workspaceId: string, query: RunsWanted): Promise<Run[]> {
    const { sql } = this.database;
    const selected = await selectRuns(sql, workspaceId, query);
    if (!selected) return [];
    const { text, values } = selected;
    const { rows } = await sql.query<RunRow>(
      `SELECT ${RUN_COLUMNS} FROM (${text}) r ${BESIDE_RUN} ORDER BY r.id ${query.order === 'oldest' ? 'ASC' : 'DESC'} LIMIT ${query.limit + 1}`,
      values,
    );
    return this.withAttempts(rows);
  }

  private async withAttempts(runs: readonly RunRow[]): Promise<Run[]> {
    if (runs.length === 0) return [];
    const { rows } = await this.database.sql.query<AttemptRow>({
      name: 'attempts-of-runs',
      text: `SELECT ${ATTEMPT_COLUMNS} FROM attempt a JOIN host h ON h.id = a.host_id WHERE a.run_id = ANY($1) ORDER BY a.run_id, a.number`,
      values: [runs.map((run) => run.id)],
    });
    const byRun = new Map<string, AttemptRow[]>(runs.map((run) => [run.id, []]));
    for (const row of rows) byRun.get(row.run_id)?.push(row);
    return runs.map((run) => toRun(run, byRun.get(run.id) ?? []));
  }
}
