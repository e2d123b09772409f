/** Runs as their readers see them, and the changes that users ask for. What hosts report is written by the ingest repository. */
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';
import { ATTEMPT_COLUMNS, type AttemptRow, RUN_COLUMNS, type RunRow, toRun } from './run-mapper.ts';

const FROM_RUN = 'FROM run r JOIN workspace w ON w.id = r.workspace_id LEFT JOIN host h ON h.id = r.host_id';

@Injectable()
export class RunRepository {
  constructor(private readonly database: Database) {}

  /** Null: not in this workspace, or deleted. */
  async get(workspaceId: string, id: string): Promise<Run | null> {
    const { rows } = await this.database.sql.query<RunRow>(
      `SELECT ${RUN_COLUMNS} ${FROM_RUN} WHERE r.workspace_id = $1 AND r.id = $2 AND r.deleted_at IS NULL`,
      [workspaceId, id],
    );
    const [run] = await this.withAttempts(rows);
    return run ?? null;
  }

  private async withAttempts(runs: readonly RunRow[]): Promise<Run[]> {
    if (runs.length === 0) return [];
    const { rows } = await this.database.sql.query<AttemptRow>(
      `SELECT ${ATTEMPT_COLUMNS} FROM attempt a JOIN host h ON h.id = a.host_id WHERE a.run_id = ANY($1) ORDER BY a.run_id, a.number`,
      [runs.map((run) => run.id)],
    );
    const byRun = new Map<string, AttemptRow[]>(runs.map((run) => [run.id, []]));
    for (const row of rows) byRun.get(row.run_id)?.push(row);
    return runs.map((run) => toRun(run, byRun.get(run.id) ?? []));
  }
}
