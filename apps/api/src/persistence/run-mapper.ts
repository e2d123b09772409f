/** Rows of runs and attempts → the resources that clients see. Shared by REST, SSE and the sockets. */
import type { Desired } from '@berth/shared/model/desired';
import type { Labels } from '@berth/shared/model/metadata';
import type { Phase } from '@berth/shared/model/phase';
import type { Placement } from '@berth/shared/model/placement';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import type { Attempt, Exit, Health, PublishedPort, Run, RunSpec } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';

export type PhaseTimes = Partial<Record<Phase, string>>;

/** As RUN_COLUMNS selects it: the run with the slug of its workspace and the name of its host. */
export interface RunRow {
  id: string;
  workspace_id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  spec: RunSpec;
  image: string;
  desired: Desired;
  generation: number;
  observed_generation: number;
  phase: Phase;
  reason: Reason;
  message: string;
  waiting: Waiting | null;
  exit_code: number | null;
  signal: string | null;
  oom_killed: boolean;
  image_digest: string | null;
  host_id: string | null;
  host_name: string | null;
  phase_times: PhaseTimes;
  log_bytes: number;
  resource_version: number;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  restarts: number;
  health: Health['status'] | null;
  schedule_id: string | null;
  schedule_name: string | null;
  scheduled_at: Date | null;
  array_id: string | null;
  array_name: string | null;
  array_index: number | null;
}

/** Of `run r join workspace w left join host h`. */
export const RUN_COLUMNS = `r.id, r.workspace_id, w.slug AS workspace_slug, r.name, r.labels, r.spec, r.image, r.desired, r.generation,
  r.observed_generation, r.phase, r.reason, r.message, r.waiting, r.exit_code, r.signal, r.oom_killed, r.image_digest, r.host_id,
  h.name AS host_name, r.phase_times, r.log_bytes, r.resource_version, r.created_at, r.started_at, r.finished_at,
  r.restarts, r.health, r.schedule_id, (SELECT s.name FROM schedule s WHERE s.id = r.schedule_id) AS schedule_name, r.scheduled_at,
  r.array_id, (SELECT y.name FROM run_array y WHERE y.id = r.array_id) AS array_name, r.array_index`;

export interface AttemptRow {
  id: string;
  run_id: string;
  host_id: string;
  host_name: string;
  number: number;
  phase: Phase;
  reason: Reason;
  message: string;
  ports: PublishedPort[];
  placement: Placement | null;
  pull: Pull | null;
  container_id: string | null;
  exit_code: number | null;
  signal: string | null;
  oom_killed: boolean;
  phase_times: PhaseTimes;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  restarts: number;
  restart_at: Date | null;
  exits: Exit[];
  health: Health | null;
}

/** Of `attempt a join host h`. */
export const ATTEMPT_COLUMNS = `a.id, a.run_id, a.host_id, h.name AS host_name, a.number, a.phase, a.reason, a.message, a.ports, a.placement,
  a.pull, a.container_id, a.exit_code, a.signal, a.oom_killed, a.phase_times, a.created_at, a.started_at, a.finished_at,
  a.restarts, a.restart_at, a.exits, a.health`;

export const isoOrNull = (at: Date | null): string | null => at?.toISOString() ?? null;

/** `attempts` in the order of their numbers. */
export function toRun(row: RunRow, attempts: readonly AttemptRow[]): Run {
  return {
    kind: 'Run',
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
      phase: row.phase,
      reason: row.reason,
      message: row.message,
      waiting: row.waiting,
      desired: row.desired,
      restarts: row.restarts,
      health: row.health,
      exitCode: row.exit_code,
      signal: row.signal,
      oomKilled: row.oom_killed,
      image: { reference: row.image, digest: row.image_digest },
      hostId: row.host_id,
      hostName: row.host_name,
      observedGeneration: row.observed_generation,
      startedAt: isoOrNull(row.started_at),
      finishedAt: isoOrNull(row.finished_at),
      logBytes: row.log_bytes,
      phaseTimes: row.phase_times,
      attempts: attempts.map(toAttempt),
      ...(row.schedule_id !== null && {
        schedule: { id: row.schedule_id, name: row.schedule_name ?? row.schedule_id, scheduledAt: isoOrNull(row.scheduled_at) },
      }),
      ...(row.array_id !== null && {
        array: { id: row.array_id, name: row.array_name ?? row.array_id, index: row.array_index ?? 0 },
      }),
    },
  };
}

function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    number: row.number,
    hostId: row.host_id,
    hostName: row.host_name,
    phase: row.phase,
    reason: row.reason,
    message: row.message,
    containerId: row.container_id,
    ports: row.ports,
    placement: row.placement,
    pull: row.pull,
    exitCode: row.exit_code,
    signal: row.signal,
    oomKilled: row.oom_killed,
    restarts: row.restarts,
    restartAt: isoOrNull(row.restart_at),
    exits: row.exits,
    health: row.health,
    phaseTimes: row.phase_times,
    createdAt: row.created_at.toISOString(),
    startedAt: isoOrNull(row.started_at),
    finishedAt: isoOrNull(row.finished_at),
  };
}
