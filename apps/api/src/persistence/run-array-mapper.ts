/** Rows of run arrays → resources. */
import type { Labels } from '@berth/shared/model/metadata';
import type { Phase } from '@berth/shared/model/phase';
import type { RunArray, RunArraySpec, RunArrayStatus } from '@berth/shared/model/run-array';
import { arrayState } from '../planning/arrays/array-state.ts';

export interface RunArrayRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  spec: RunArraySpec;
  total: number;
  cancelled_by: string | null;
  resource_version: number;
  created_at: Date;
  counts: Partial<Record<keyof RunArrayStatus['counts'], number>>;
  failures: { id: string; array_index: number; phase: Phase; exit_code: number | null; message: string }[];
}

const SHOWN_FAILURES = 10;
const OF_ARRAY = 'r.array_id = y.id AND r.deleted_at IS NULL';

/** `y` is the array, `w` its workspace; `spec`: as much of its spec as is wanted. */
export const runArrayColumns = (
  spec: string,
) => `y.id, w.slug AS workspace_slug, y.name, y.labels, ${spec} AS spec, y.total, y.cancelled_by, y.resource_version, y.created_at,
  (SELECT coalesce(json_object_agg(part, count), '{}') FROM (
     SELECT CASE WHEN r.stage = 'live' THEN 'running' WHEN r.stage = 'exited' AND r.exit_code = 0 THEN 'succeeded'
                 WHEN r.stage = 'exited' THEN 'failed' ELSE r.stage END AS part, count(*)::int AS count
       FROM run r WHERE ${OF_ARRAY} GROUP BY 1) c) AS counts,
  (SELECT coalesce(json_agg(f ORDER BY f.array_index), '[]') FROM (
     SELECT r.id, r.array_index, r.phase, r.exit_code, r.message FROM run r
      WHERE ${OF_ARRAY} AND (r.stage IN ('failed', 'lost') OR (r.stage = 'exited' AND r.exit_code <> 0))
      ORDER BY r.array_index LIMIT ${SHOWN_FAILURES}) f) AS failures`;

export function toRunArray(row: RunArrayRow): RunArray {
  const { queued = 0, running = 0, succeeded = 0, failed = 0, cancelled = 0, lost = 0 } = row.counts;
  const deleted = Math.max(0, row.total - queued - running - succeeded - failed - cancelled - lost);
  const counts = { queued, running, succeeded, failed, cancelled, lost, deleted };
  return {
    kind: 'RunArray',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: 1,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: row.spec,
    status: {
      ...arrayState({ total: row.total, counts, cancelledBy: row.cancelled_by, parallelism: row.spec.parallelism }),
      total: row.total,
      counts,
      failures: row.failures.map(({ id, array_index, phase, exit_code, message }) => ({
        runId: id,
        index: array_index,
        phase,
        exitCode: exit_code,
        message,
      })),
    },
  };
}
