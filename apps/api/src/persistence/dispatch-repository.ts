/** What a host is to be told: which of its attempts changed at which generation. */
import type { Desired } from '@berth/shared/model/desired';
import type { Phase } from '@berth/shared/model/phase';
import type { PublishedPort, RunSpec } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';

export interface AttemptChange {
  desired?: Desired;
  /** One more restart is asked for. */
  restart?: true;
  /** With the run's deletion: the host removes the container although it has exited. */
  removeContainer?: true;
}

/** An attempt as the host's agent must know it. */
export interface AssignedAttempt {
  attemptId: string;
  runId: string;
  runName: string;
  workspaceId: string;
  spec: RunSpec;
  ports: PublishedPort[];
  desired: Desired;
  phase: Phase;
  restarts: number;
  restartRequests: number;
}

export interface DroppedAttempt {
  attemptId: string;
  removeContainer: boolean;
}

export interface HostAssignments {
  generation: number;
  ackedGeneration: number;
  /** The session that may report; another one has taken over where it is not the caller's. */
  sessionId: string | null;
  /** The workspace keeps credentials for registries. */
  hasRegistries: boolean;
  put: AssignedAttempt[];
  drop: DroppedAttempt[];
}

interface HostRow {
  generation: number;
  acked_generation: number;
  session_id: string | null;
  has_registries: boolean;
}

interface AttemptRow {
  id: string | null;
  run_id: string;
  name: string;
  workspace_id: string;
  spec: RunSpec;
  ports: PublishedPort[];
  desired: Desired;
  phase: Phase;
  restarts: number;
  restart_requests: number;
  released: boolean;
  remove_container: boolean;
}

const HOST = `SELECT h.id, h.generation, h.acked_generation, h.session_id,
                     EXISTS (SELECT 1 FROM registry g WHERE g.workspace_id = h.workspace_id) AS has_registries
                FROM host h WHERE h.id = $1 AND h.removed_at IS NULL`;
const ATTEMPT =
  'a.id, a.run_id, r.name, a.workspace_id, r.spec, a.ports, a.desired, a.phase, a.restarts, a.restart_requests, a.released, a.remove_container';

@Injectable()
export class DispatchRepository {
  constructor(private readonly database: Database) {}

  /**
   * Changes what is wanted of attempts, and bumps the generation of each host once, in the caller's transaction.
   * Lock the runs first (`SELECT … FOR UPDATE`, by id): the order everywhere is runs, attempts, hosts.
   * Returns the hosts to wake by `WorkQueues.wakeDispatch` after the commit. Never takes back a kill by a stop.
   */
  async markChanged(sql: Sql, attemptIds: readonly string[], change: AttemptChange): Promise<string[]> {
    if (attemptIds.length === 0) return [];
    const { rows } = await sql.query<{ host_id: string }>({
      name: 'dispatch-mark',
      text: `
        WITH locked AS (
          SELECT id FROM host WHERE id IN (SELECT host_id FROM attempt WHERE id = ANY($1)) ORDER BY id FOR NO KEY UPDATE
        ), bumped AS (
          UPDATE host h SET generation = h.generation + 1 FROM locked l WHERE h.id = l.id RETURNING h.id, h.generation
        )
        UPDATE attempt a
           SET changed_generation = b.generation,
               desired = CASE WHEN $2::text IS NULL OR a.desired = 'kill' THEN a.desired ELSE $2::text END,
               remove_container = a.remove_container OR $3,
               restart_requests = a.restart_requests + $4
          FROM bumped b WHERE a.host_id = b.id AND a.id = ANY($1)
        RETURNING a.host_id`,
      values: [attemptIds, change.desired ?? null, change.removeContainer ?? false, change.restart ? 1 : 0],
    });
    return [...new Set(rows.map((row) => row.host_id))];
  }

  /** Of these hosts, those that have not confirmed their generation, were removed, or have lost their session. */
  async behind(hostIds: readonly string[]): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ id: string }>({
      name: 'dispatch-behind',
      text: 'SELECT id FROM host WHERE id = ANY($1) AND (generation > acked_generation OR removed_at IS NOT NULL OR session_id IS NULL)',
      values: [hostIds],
    });
    return rows.map((row) => row.id);
  }

  /** What changed after `base`. Null: no such host, or it was removed. */
  async changedSince(hostId: string, base: number): Promise<HostAssignments | null> {
    const { rows } = await this.database.sql.query<HostRow & AttemptRow>({
      name: 'dispatch-changed',
      text: `WITH h AS (${HOST})
             SELECT h.generation, h.acked_generation, h.session_id, h.has_registries, ${ATTEMPT}
               FROM h LEFT JOIN (attempt a JOIN run r ON r.id = a.run_id) ON a.host_id = h.id AND a.changed_generation > $2
              ORDER BY a.changed_generation, a.id`,
      values: [hostId, base],
    });
    return toAssignments(rows);
  }

  /** The whole set; and, of what left it since the agent last confirmed, what has a container to be removed. */
  async full(hostId: string): Promise<HostAssignments | null> {
    const { rows } = await this.database.sql.query<HostRow & AttemptRow>({
      name: 'dispatch-full',
      text: `WITH h AS (${HOST})
             SELECT h.generation, h.acked_generation, h.session_id, h.has_registries, ${ATTEMPT}
               FROM h LEFT JOIN (attempt a JOIN run r ON r.id = a.run_id)
                 ON a.host_id = h.id AND (NOT a.released OR (a.remove_container AND a.changed_generation > h.acked_generation))
              ORDER BY a.changed_generation, a.id`,
      values: [hostId],
    });
    return toAssignments(rows);
  }
}

function toAssignments(rows: readonly (HostRow & AttemptRow)[]): HostAssignments | null {
  const host = rows[0];
  if (!host) return null;
  const put: AssignedAttempt[] = [];
  const drop: DroppedAttempt[] = [];
  for (const row of rows) {
    if (row.id === null) continue;
    if (row.released) {
      drop.push({ attemptId: row.id, removeContainer: row.remove_container });
      continue;
    }
    put.push({
      attemptId: row.id,
      runId: row.run_id,
      runName: row.name,
      workspaceId: row.workspace_id,
      spec: row.spec,
      ports: row.ports,
      desired: row.desired,
      phase: row.phase,
      restarts: row.restarts,
      restartRequests: row.restart_requests,
    });
  }
  return {
    generation: host.generation,
    ackedGeneration: host.acked_generation,
    sessionId: host.session_id,
    hasRegistries: host.has_registries,
    put,
    drop,
  };
}
