/** What a host is to be told: which of its attempts changed at which generation. */
import type { Desired } from '@berth/shared/model/desired';
import type { Phase } from '@berth/shared/model/phase';
import type { PublishedPort, RunSpec } from '@berth/shared/model/run';
import { networkAliases, SERVICE_LABEL } from '@berth/shared/model/workspace-network';
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
  volumes?: { name: string; id: string }[];
  aliases: string[];
}

export interface DroppedAttempt {
  attemptId: string;
  removeContainer: boolean;
}

export interface HostAssignments {
  generation: number;
  /** The session that may report; another one has taken over where it is not the caller's. */
  sessionId: string | null;
  /** The workspace keeps credentials for registries. */
  hasRegistries: boolean;
  put: AssignedAttempt[];
  drop: DroppedAttempt[];
}

/** What a session is to know of its host. */
export interface HostRow {
  generation: number;
  session_id: string | null;
  has_registries: boolean;
  shares_engine: boolean;
}

export interface AttemptRow {
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
  volumes: { name: string; id: string }[] | null;
  service: string | null;
  released: boolean;
  remove_container: boolean;
}

const HOST = `h.generation, h.session_id, h.shares_engine,
  EXISTS (SELECT 1 FROM registry g WHERE g.workspace_id = h.workspace_id) AS has_registries`;
const ATTEMPT = `a.id, a.run_id, r.name, a.workspace_id, r.spec, a.ports, a.desired, a.phase, a.restarts, a.restart_requests, a.released, a.remove_container,
  r.labels->>'${SERVICE_LABEL}' AS service,
  CASE WHEN r.spec ? 'volumes' THEN (SELECT jsonb_agg(jsonb_build_object('name', v.name, 'id', v.id) ORDER BY v.id)
    FROM run_volume u JOIN volume v ON v.id = u.volume_id WHERE u.run_id = r.id) END AS volumes`;

@Injectable()
export class DispatchRepository {
  constructor(private readonly database: Database) {}

  /**
   * Changes what is wanted of attempts, and bumps the generation of each host once, in the caller's transaction.
   * Lock the runs first (`SELECT … FOR UPDATE`, by id): the order everywhere is runs, attempts, hosts.
   * Returns the hosts whose sessions are to be woken after the commit. Never takes back a kill by a stop.
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

  /** Of these hosts, those that were removed, have lost their session, or whose agents have not confirmed all that they are to do. */
  async behind(asked: readonly { hostId: string; confirmed: number | null }[]): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ id: string }>({
      name: 'dispatch-behind',
      text: `SELECT h.id FROM unnest($1::text[], $2::int[]) AS asked(id, confirmed) JOIN host h ON h.id = asked.id
              WHERE h.removed_at IS NOT NULL OR h.session_id IS NULL OR h.generation > coalesce(asked.confirmed, -1)`,
      values: [asked.map(({ hostId }) => hostId), asked.map(({ confirmed }) => confirmed)],
    });
    return rows.map((row) => row.id);
  }

  /** What changed on each of these hosts after its `base`, in their order. Null: no such host, or it was removed. */
  async changedSince(asked: readonly { hostId: string; base: number }[]): Promise<(HostAssignments | null)[]> {
    const { rows } = await this.database.sql.query<HostRow & AttemptRow & { nth: number }>({
      name: 'dispatch-changed',
      // OFFSET keeps Postgres from joining all at once, by a look at every attempt that there ever was: by its statistics any host has many.
      // Nothing changes after the host's own generation. Said so, Postgres expects some rows of it and takes the index; of an open range it
      // expects a third of all that the host ever ran, and reads every run that there is, for each host.
      text: `SELECT asked.nth::int, ${HOST}, a.*
               FROM unnest($1::text[], $2::int[]) WITH ORDINALITY AS asked(id, base, nth)
               JOIN host h ON h.id = asked.id AND h.removed_at IS NULL
               LEFT JOIN LATERAL (
                 SELECT ${ATTEMPT}, a.changed_generation FROM attempt a JOIN run r ON r.id = a.run_id
                  WHERE a.host_id = h.id AND a.changed_generation > asked.base AND a.changed_generation <= h.generation
                  ORDER BY a.changed_generation, a.id OFFSET 0) a ON true
              ORDER BY asked.nth, a.changed_generation, a.id`,
      values: [asked.map(({ hostId }) => hostId), asked.map(({ base }) => base)],
    });
    const found = toAssignments(rows, ({ nth }) => nth);
    return asked.map((_, index) => found.get(index + 1) ?? null);
  }

  /** The whole set; and, of what left it since the agent last confirmed, what has a container to be removed. */
  async full(hostId: string): Promise<HostAssignments | null> {
    const { rows } = await this.database.sql.query<HostRow & AttemptRow>({
      name: 'dispatch-full',
      text: `SELECT ${HOST}, ${ATTEMPT}
               FROM host h LEFT JOIN (attempt a JOIN run r ON r.id = a.run_id)
                 ON a.host_id = h.id AND (NOT a.released OR (a.remove_container AND a.changed_generation > h.acked_generation))
              WHERE h.id = $1 AND h.removed_at IS NULL
              ORDER BY a.changed_generation, a.id`,
      values: [hostId],
    });
    return toAssignments(rows, () => hostId).get(hostId) ?? null;
  }
}

/** The default network of its engine is another workspace's. */
const apart = (spec: RunSpec): RunSpec => ({ ...spec, network: spec.network ?? 'workspace' });

/** The rows of each host together. */
export function toAssignments<R extends HostRow & AttemptRow, K>(rows: readonly R[], hostOf: (row: R) => K): Map<K, HostAssignments> {
  const hosts = new Map<K, HostAssignments>();
  for (const row of rows) {
    const of = hostOf(row);
    let host = hosts.get(of);
    if (!host) {
      host = {
        generation: row.generation,
        sessionId: row.session_id,
        hasRegistries: row.has_registries,
        put: [],
        drop: [],
      };
      hosts.set(of, host);
    }
    if (row.id === null) continue;
    if (row.released) {
      host.drop.push({ attemptId: row.id, removeContainer: row.remove_container });
      continue;
    }
    host.put.push({
      attemptId: row.id,
      runId: row.run_id,
      runName: row.name,
      workspaceId: row.workspace_id,
      spec: row.shares_engine ? apart(row.spec) : row.spec,
      ports: row.ports,
      desired: row.desired,
      phase: row.phase,
      restarts: row.restarts,
      restartRequests: row.restart_requests,
      ...(row.volumes && { volumes: row.volumes }),
      aliases: networkAliases(row.name, row.service),
    });
  }
  return hosts;
}
