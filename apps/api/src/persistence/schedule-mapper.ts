/** Rows of schedules → resources. */
import type { Labels } from '@berth/shared/model/metadata';
import type { Phase } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import { type RunOfSchedule, SCHEDULE_DEFAULTS, type Schedule, type ScheduleSpec, type StartOutcome } from '@berth/shared/model/schedule';
import { scheduleSentence } from '../planning/schedules/schedule-sentence.ts';
import { isoOrNull } from './run-mapper.ts';

export interface ScheduleRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  spec: ScheduleSpec;
  generation: number;
  next_at: Date | null;
  last_at: Date | null;
  last_run_id: string | null;
  paused_by: string | null;
  outcomes: StartOutcome[];
  started: number;
  skipped: number;
  missed: number;
  refused: number;
  resource_version: number;
  created_at: Date;
  last_run: RunJson | null;
  active: RunJson[];
  active_count: number;
}

/** As Postgres makes JSON of it. */
interface RunJson {
  id: string;
  phase: Phase;
  reason: Reason;
  message: string;
  exit_code: number | null;
  scheduled_at: string | null;
  created_at: string;
}

const RUN = 'r.id, r.phase, r.reason, r.message, r.exit_code, r.scheduled_at, r.created_at';
/** Of a schedule, not ended; `s` is the schedule. */
export const ACTIVE_RUNS_OF_SCHEDULE = `r.schedule_id = s.id AND r.deleted_at IS NULL AND r.stage IN ('queued', 'live')`;

/** `s` is the schedule, `w` its workspace. */
export const SCHEDULE_COLUMNS = `s.id, w.slug AS workspace_slug, s.name, s.labels, s.spec, s.generation, s.next_at, s.last_at, s.last_run_id, s.paused_by,
  s.outcomes, s.started, s.skipped, s.missed, s.refused, s.resource_version, s.created_at,
  (SELECT row_to_json(x) FROM (SELECT ${RUN} FROM run r WHERE r.id = s.last_run_id AND r.deleted_at IS NULL) x) AS last_run,
  (SELECT coalesce(json_agg(x ORDER BY x.id DESC), '[]') FROM (
     SELECT ${RUN} FROM run r WHERE ${ACTIVE_RUNS_OF_SCHEDULE} ORDER BY r.id COLLATE "C" DESC LIMIT 10) x) AS active,
  (SELECT count(*)::int FROM run r WHERE ${ACTIVE_RUNS_OF_SCHEDULE}) AS active_count`;

export function toSchedule(row: ScheduleRow): Schedule {
  return {
    kind: 'Schedule',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: row.generation,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: row.spec,
    status: {
      message: scheduleSentence({
        paused: row.spec.paused === true,
        pausedBy: row.paused_by,
        nextAt: row.next_at,
        timeZone: row.spec.timeZone ?? SCHEDULE_DEFAULTS.timeZone,
        outcomes: row.outcomes,
      }),
      nextAt: isoOrNull(row.next_at),
      lastAt: isoOrNull(row.last_at),
      lastRunId: row.last_run_id,
      lastRun: row.last_run && toRunOfSchedule(row.last_run),
      active: row.active.map(toRunOfSchedule),
      activeCount: row.active_count,
      pausedBy: row.paused_by,
      outcomes: row.outcomes,
      counts: { started: row.started, skipped: row.skipped, missed: row.missed, refused: row.refused },
    },
  };
}

const toRunOfSchedule = (run: RunJson): RunOfSchedule => ({
  id: run.id,
  phase: run.phase,
  reason: run.reason,
  message: run.message,
  exitCode: run.exit_code,
  scheduledAt: run.scheduled_at === null ? null : new Date(run.scheduled_at).toISOString(),
  createdAt: new Date(run.created_at).toISOString(),
});
