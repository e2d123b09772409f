/** A log seen from afar: where its parts are, and how many lines are in each. From sums beside the bytes; the bytes are not read. */
import { BerthError } from '@berth/shared/errors/problem';
import type { LogOutline } from '@berth/shared/http/logs';
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

const FINEST_STEP = 256 * 1024;
/** Of a longer log the parts are longer: an answer stays under half a megabyte. */
const MOST_PARTS = 4096;

interface PartRow {
  phase: Phase;
  log_bytes: number;
  position: number | null;
  last_at: Date;
  stdout: number | null;
  stderr: number | null;
  dropped: number;
}

@Injectable()
export class LogOutlineRepository {
  constructor(private readonly database: Database) {}

  /** Throws BerthError `not-found` for no such run in the workspace. */
  async outline(workspaceId: string, runId: string): Promise<LogOutline> {
    const { rows } = await this.database.sql.query<PartRow>({
      name: 'log-outline',
      // A part is what begins within one step. One row that was not counted leaves its part without a count.
      text: `
        WITH run AS (SELECT phase, log_bytes, greatest(${FINEST_STEP}, ceil(log_bytes / ${MOST_PARTS}.0))::bigint AS step
                       FROM run WHERE id = $2 AND workspace_id = $1 AND deleted_at IS NULL),
        stored AS (
          SELECT position, last_at, stdout_lines AS stdout, stderr_lines AS stderr,
                 CASE WHEN is_dropped THEN end_position - position ELSE coalesce(dropped_bytes, 0) END AS dropped
            FROM log_segment WHERE run_id = $2 AND workspace_id = $1
          UNION ALL
          SELECT position, at, CASE WHEN stream = 1 THEN lines ELSE 0 END, CASE WHEN stream = 2 THEN lines ELSE 0 END, dropped
            FROM log_chunk WHERE run_id = $2 AND workspace_id = $1),
        part AS (
          SELECT min(s.position) AS position, max(s.last_at) AS last_at, sum(s.dropped)::bigint AS dropped,
                 CASE WHEN bool_and(s.stdout IS NOT NULL) THEN sum(s.stdout)::bigint END AS stdout,
                 CASE WHEN bool_and(s.stderr IS NOT NULL) THEN sum(s.stderr)::bigint END AS stderr
            FROM stored s, run GROUP BY s.position / run.step)
        SELECT run.phase, run.log_bytes, part.* FROM run LEFT JOIN part ON true ORDER BY part.position`,
      values: [workspaceId, runId],
    });
    const run = rows[0];
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    return {
      parts: rows.flatMap(({ position, last_at, stdout, stderr, dropped }) =>
        position === null ? [] : [{ position, lastAt: last_at.toISOString(), stdout, stderr, dropped }],
      ),
      step: Math.max(FINEST_STEP, Math.ceil(run.log_bytes / MOST_PARTS)),
      bytes: run.log_bytes,
      complete: isTerminal(run.phase),
    };
  }
}
