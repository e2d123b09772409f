/** The keys of hosts: replaced in two steps, so that an agent can prove who it is at every moment in between; and revoked. */
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import type { HostChange } from './host-repository.ts';

type KeyChange = Extract<Extract<NewEvent, { type: 'host.changed' }>['data']['change'], `key-${string}`>;

/** So many are asked for another key at once. */
const AT_ONCE = 20;

@Injectable()
export class HostKeyRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Accepts the key beside the present one. `actor` null: because of its age. */
  async offer(workspaceId: string, hostId: string, publicKey: string, actor: string | null): Promise<void> {
    await this.database.transaction(async (sql) => {
      const message = actor === null ? 'its key is old: its agent was asked for another one' : 'its agent was asked for another key';
      const { rowCount } = await sql.query(
        'UPDATE host SET next_public_key = $3 WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL AND key_revoked_at IS NULL',
        [workspaceId, hostId, publicKey],
      );
      if (rowCount === 0) throw new BerthError('conflict', 'The host was removed, or its key revoked, meanwhile.');
      await this.tell(sql, { workspaceId, hostId, actor }, 'key-requested', message);
    });
  }

  /** The agent has shown it: the key before it is worth nothing from now on. */
  async settle(workspaceId: string, hostId: string, publicKey: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      const { rowCount } = await sql.query(
        `UPDATE host SET public_key = next_public_key, next_public_key = NULL, key_changed_at = now(), resource_version = resource_version + 1
          WHERE id = $1 AND next_public_key = $2`,
        [hostId, publicKey],
      );
      if (rowCount === 1) await this.tell(sql, { workspaceId, hostId, actor: null }, 'key-changed', 'its agent has a new key');
    });
  }

  /** For good; again is no error. Throws `not-found`. */
  async revoke({ workspaceId, hostId, actor }: HostChange): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ revoked: boolean }>(
        `SELECT key_revoked_at IS NOT NULL AS revoked FROM host WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL FOR NO KEY UPDATE`,
        [workspaceId, hostId],
      );
      const host = rows[0];
      if (!host) throw new BerthError('not-found', `There is no host ${hostId}.`);
      if (host.revoked) return false;
      await sql.query(
        `UPDATE host SET key_revoked_at = now(), next_public_key = NULL, session_id = NULL, resource_version = resource_version + 1 WHERE id = $1`,
        [hostId],
      );
      await this.tell(sql, { workspaceId, hostId, actor }, 'key-revoked', 'its key was revoked: its agent is refused');
      return true;
    });
  }

  /** Connected hosts whose key is older, each claimed by one replica for five minutes: then it is asked again where it gave none. */
  async claimOld(days: number): Promise<{ hostId: string; hostName: string; workspaceId: string }[]> {
    const { rows } = await this.database.sql.query<{ id: string; name: string; workspace_id: string }>(
      `UPDATE host SET key_asked_at = now() WHERE id IN (
         SELECT id FROM host
          WHERE session_id IS NOT NULL AND protocol >= 4 AND removed_at IS NULL AND key_revoked_at IS NULL
            AND key_changed_at < now() - make_interval(secs => $1) AND (key_asked_at IS NULL OR key_asked_at < now() - interval '5 minutes')
          ORDER BY key_changed_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
       RETURNING id, name, workspace_id`,
      [days * 86_400, AT_ONCE],
    );
    return rows.map((row) => ({ hostId: row.id, hostName: row.name, workspaceId: row.workspace_id }));
  }

  private async tell(
    sql: Sql,
    { workspaceId, hostId, actor }: { workspaceId: string; hostId: string; actor: string | null },
    change: KeyChange,
    message: string,
  ): Promise<void> {
    const data = { change, message, ...(actor !== null && { actor }) };
    await this.events.append(sql, [{ type: 'host.changed', workspaceId, id: hostId, data }]);
  }
}
