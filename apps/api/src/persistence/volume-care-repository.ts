/** What hosts are still to do about volumes: to remove the data of those that were deleted, and to measure the others. */
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';
import { EventRepository } from './event-repository.ts';

/** The first agents that know volumes. */
const PROTOCOL = 5;
const REMOVALS_AT_ONCE = 50;
const HOSTS_AT_ONCE = 20;
const VOLUMES_OF_A_HOST = 1000;

export interface RemovalOnHost {
  volumeId: string;
  hostId: string;
  hostName: string;
}

export interface MeasureOnHost {
  workspaceId: string;
  hostId: string;
  hostName: string;
  volumeIds: string[];
}

export interface SizeOnHost {
  volume: string;
  bytes: number | null;
}

@Injectable()
export class VolumeCareRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Deleted volumes on hosts that can be asked, each claimed by one replica for so long: then its host is asked again. */
  async claimRemovals(seconds: number): Promise<RemovalOnHost[]> {
    const { rows } = await this.database.sql.query<{ id: string; host_id: string; host_name: string }>({
      name: 'volume-claim-removals',
      text: `WITH due AS (
               SELECT v.id, h.name AS host_name FROM volume v JOIN host h ON h.id = v.host_id
                WHERE v.deleted_at IS NOT NULL AND h.removed_at IS NULL AND h.state = 'ready' AND h.protocol >= ${PROTOCOL}
                  AND (v.asked_at IS NULL OR v.asked_at < now() - make_interval(secs => $1))
                ORDER BY v.asked_at NULLS FIRST LIMIT ${REMOVALS_AT_ONCE} FOR NO KEY UPDATE OF v SKIP LOCKED)
             UPDATE volume v SET asked_at = now() FROM due d WHERE v.id = d.id RETURNING v.id, v.host_id, d.host_name`,
      values: [seconds],
    });
    return rows.map((row) => ({ volumeId: row.id, hostId: row.host_id, hostName: row.host_name }));
  }

  /** Its host has removed it. */
  async removed(volumeId: string): Promise<void> {
    await this.database.sql.query('DELETE FROM volume WHERE id = $1 AND deleted_at IS NOT NULL', [volumeId]);
  }

  /** Deleted ones that no host of the workspace has. */
  async forget(): Promise<void> {
    await this.database.sql.query({
      name: 'volume-forget',
      text: `DELETE FROM volume v WHERE v.deleted_at IS NOT NULL
                AND (v.host_id IS NULL OR EXISTS (SELECT 1 FROM host h WHERE h.id = v.host_id AND h.removed_at IS NOT NULL))`,
    });
  }

  /** Hosts with volumes that were last measured, or asked for, longer ago; those that never were, a while after they came there. */
  async claimMeasures(seconds: number, firstSeconds: number): Promise<MeasureOnHost[]> {
    const { rows } = await this.database.sql.query<{ id: string; workspace_id: string; host_id: string; host_name: string }>({
      name: 'volume-claim-measures',
      text: `WITH due AS (
               SELECT DISTINCT v.host_id FROM volume v JOIN host h ON h.id = v.host_id
                WHERE v.deleted_at IS NULL AND h.removed_at IS NULL AND h.state = 'ready' AND h.protocol >= ${PROTOCOL}
                  AND coalesce(v.asked_at, v.bound_at + make_interval(secs => $2) - make_interval(secs => $1)) < now() - make_interval(secs => $1)
                LIMIT ${HOSTS_AT_ONCE}
             ), mine AS (
               SELECT v.id FROM volume v WHERE v.host_id IN (SELECT host_id FROM due) AND v.deleted_at IS NULL FOR NO KEY UPDATE SKIP LOCKED)
             UPDATE volume v SET asked_at = now() FROM mine m, host h WHERE v.id = m.id AND h.id = v.host_id
             RETURNING v.id, v.workspace_id, v.host_id, h.name AS host_name`,
      values: [seconds, firstSeconds],
    });
    const hosts = new Map<string, MeasureOnHost>();
    for (const row of rows) {
      const known = hosts.get(row.host_id) ?? {
        workspaceId: row.workspace_id,
        hostId: row.host_id,
        hostName: row.host_name,
        volumeIds: [],
      };
      if (known.volumeIds.length < VOLUMES_OF_A_HOST) known.volumeIds.push(row.id);
      hosts.set(row.host_id, known);
    }
    return [...hosts.values()];
  }

  /** Answers whether it is news that one is missing, or there again. */
  async measured(workspaceId: string, hostId: string, hostName: string, sizes: readonly SizeOnHost[]): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ id: string; name: string; missing: boolean; was_missing: boolean }>(
        `UPDATE volume v
            SET size_bytes = CASE WHEN s.bytes IS NULL THEN v.size_bytes ELSE s.bytes END, measured_at = now(), asked_at = now(),
                missing_since = CASE WHEN s.bytes IS NULL AND v.size_bytes IS NOT NULL THEN coalesce(v.missing_since, now()) END
           FROM json_to_recordset($2::json) AS s(volume text, bytes bigint), volume o
          WHERE v.id = s.volume AND o.id = v.id AND v.host_id = $1 AND v.deleted_at IS NULL
         RETURNING v.id, v.name, v.missing_since IS NOT NULL AS missing, o.missing_since IS NOT NULL AS was_missing`,
        [hostId, JSON.stringify(sizes)],
      );
      const news = rows.filter(({ missing, was_missing }) => missing !== was_missing);
      await this.events.append(
        sql,
        news.map(({ id, name, missing }) => {
          const message = missing ? `is no longer on ${hostName}: somebody removed it there` : `is on ${hostName} again, made anew`;
          return { workspaceId, type: 'volume.changed' as const, id, data: { name, change: missing ? 'missing' : 'made-anew', message } };
        }),
      );
      return news.length > 0;
    });
  }
}
