/** Hosts that let go of their runs: the wish of a person, and how far it is. */

import { isDeepStrictEqual } from 'node:util';
import { BerthError } from '@berth/shared/errors/problem';
import { nameOfActor } from '@berth/shared/model/actor';
import type { DrainProgress } from '@berth/shared/model/drain';
import { Injectable } from '@nestjs/common';
import type { DrainedAttempt, DrainInput, DrainPlan } from '../planning/drain/plan-drain.ts';
import { Database, type Sql } from './database.ts';
import { DispatchRepository } from './dispatch-repository.ts';
import { EventRepository } from './event-repository.ts';
import { type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { lockPlacement, placementSnapshot, type Snapshot } from './placement-repository.ts';

export interface DrainChange {
  workspaceId: string;
  hostId: string;
  actor: string;
  claim?: IdempotencyClaim;
}

export interface DrainingHost {
  hostId: string;
  workspaceId: string;
}

interface AttemptRow {
  id: string;
  run_id: string;
  run_name: string;
  movable: boolean;
  ending: boolean;
  evicted: boolean;
  service_id: string | null;
  service_name: string | null;
  spare: number | null;
  available: boolean;
}

/** Of these runs, those for which another host has room, all of them counted together. */
export type RoomFor = (snapshot: Snapshot) => ReadonlySet<string>;

@Injectable()
export class DrainRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly dispatch: DispatchRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  /** False: it was so already. Throws `not-found`. */
  async set({ workspaceId, hostId, actor, claim }: DrainChange, draining: boolean): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      if (claim && (await this.idempotency.claim(sql, workspaceId, claim, hostId))) return false;
      const { rows } = await sql.query<{ draining: boolean }>(
        `SELECT drain_since IS NOT NULL AS draining FROM host
          WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL FOR NO KEY UPDATE`,
        [workspaceId, hostId],
      );
      const host = rows[0];
      if (!host) throw new BerthError('not-found', `There is no host ${hostId}.`);
      if (host.draining === draining) return false;
      await sql.query(
        `UPDATE host SET drain_since = CASE WHEN $2 THEN now() END, drain_by = CASE WHEN $2 THEN $3::text END, drain = NULL, drained_at = NULL,
                resource_version = resource_version + 1
          WHERE id = $1`,
        [hostId, draining, actor],
      );
      const data = draining
        ? { change: 'draining' as const, message: `${nameOfActor(actor)} asked for all of its runs to go` }
        : { change: 'updated' as const, message: `${nameOfActor(actor)} let it take runs again` };
      await this.events.append(sql, [{ workspaceId, type: 'host.changed', id: hostId, data }]);
      return true;
    });
  }

  async unfinished(): Promise<DrainingHost[]> {
    const { rows } = await this.database.sql.query<{ id: string; workspace_id: string }>({
      name: 'drain-unfinished',
      text: 'SELECT id, workspace_id FROM host WHERE drain_since IS NOT NULL AND drained_at IS NULL AND removed_at IS NULL ORDER BY id',
    });
    return rows.map((row) => ({ hostId: row.id, workspaceId: row.workspace_id }));
  }

  /** One step of a drain; answers whether anything is to be told. Locks runs, attempts, then the host, as everywhere. */
  async step({ hostId, workspaceId }: DrainingHost, roomFor: RoomFor, plan: (input: DrainInput) => DrainPlan): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      // Room that one drain counts on is not another's, nor the scheduler's.
      await lockPlacement(sql, workspaceId);
      const attempts = await lockAttempts(sql, hostId);
      const { rows } = await sql.query<{ ready: boolean; drain: DrainProgress | null }>(
        `SELECT state = 'ready' AS ready, drain FROM host
          WHERE id = $1 AND drain_since IS NOT NULL AND drained_at IS NULL AND removed_at IS NULL FOR NO KEY UPDATE`,
        [hostId],
      );
      const host = rows[0];
      if (!host) return false;
      const wanting = attempts.filter(({ movable, ending, evicted }) => movable && (!ending || evicted)).map((row) => row.run_id);
      const room = wanting.length === 0 ? new Set<string>() : roomFor(await placementSnapshot(sql, workspaceId, wanting, [hostId]));
      const { evict, progress, drained } = plan({
        attempts: attempts.map((row) => toDrained(row, room)),
        hostIsReady: host.ready,
        before: host.drain,
      });
      if (evict.length > 0) {
        await sql.query('UPDATE attempt SET evicted = true WHERE id = ANY($1)', [evict]);
        await this.dispatch.markChanged(sql, evict, { desired: 'stop' });
      }
      if (!drained && evict.length === 0 && isDeepStrictEqual(progress, host.drain)) return false;
      await sql.query(
        `UPDATE host SET drain = $2, drained_at = CASE WHEN $3 THEN now() END, resource_version = resource_version + 1 WHERE id = $1`,
        [hostId, JSON.stringify(progress), drained],
      );
      const gone = `${progress.total - progress.left} of ${progress.total} runs have gone`;
      const data = drained
        ? { change: 'drained' as const, message: 'drained: nothing runs on it' }
        : { change: 'draining' as const, message: gone };
      await this.events.append(sql, [{ workspaceId, type: 'host.changed', id: hostId, data }]);
      return true;
    });
  }
}

async function lockAttempts(sql: Sql, hostId: string): Promise<AttemptRow[]> {
  const { rows } = await sql.query<AttemptRow>(
    `SELECT a.id, a.run_id, r.name AS run_name, a.evicted,
            coalesce(r.spec->'restart'->>'policy' = 'always', false) OR coalesce(r.spec->>'onHostLost' = 'replace', false) AS movable,
            a.desired IN ('stop', 'kill') OR r.deleted_at IS NOT NULL AS ending,
            s.id AS service_id, s.name AS service_name, (r.ready_at IS NOT NULL AND r.phase = 'running' AND NOT a.evicted) AS available,
            (SELECT count(*) FROM run o LEFT JOIN attempt e ON e.id = o.attempt_id
              WHERE o.service_id = s.id AND o.deleted_at IS NULL AND o.ready_at IS NOT NULL AND o.phase = 'running' AND o.desired = 'run' AND e.evicted IS NOT TRUE)
              - ((s.status->>'desired')::int - coalesce((s.spec->'disruption'->>'maxUnavailable')::int, 1)) AS spare
       FROM run r JOIN attempt a ON a.run_id = r.id LEFT JOIN service s ON s.id = r.service_id
      WHERE a.host_id = $1 AND NOT a.released ORDER BY r.id, a.id FOR NO KEY UPDATE OF r, a`,
    [hostId],
  );
  return rows;
}

const toDrained = (row: AttemptRow, room: ReadonlySet<string>): DrainedAttempt => ({
  id: row.id,
  runId: row.run_id,
  runName: row.run_name,
  movable: row.movable,
  ending: row.ending,
  evicted: row.evicted,
  hasRoom: room.has(row.run_id),
  service:
    row.service_id === null ? null : { id: row.service_id, name: row.service_name ?? '', spare: row.spare ?? 0, available: row.available },
});
