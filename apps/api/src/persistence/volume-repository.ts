/** Volumes as their readers see them, and what people change of them. What hosts are to do about them is in the volume-care repository. */
import { BerthError } from '@berth/shared/errors/problem';
import { newId } from '@berth/shared/model/ids';
import type { Labels } from '@berth/shared/model/metadata';
import type { CreateVolume, Volume } from '@berth/shared/model/volume';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { SELECT_VOLUMES, toVolume, type VolumeRow } from './volume-mapper.ts';
import { Where } from './where.ts';

export interface VolumeChange {
  workspaceId: string;
  volumeId: string;
  actor: string;
  /** The resourceVersion that the change is meant for; absent: whatever it is. */
  ifMatch?: string;
}

export interface ListVolumes {
  limit: number;
  before?: string;
  /** Part of the name. */
  name?: string;
  /** Id of the host. */
  host?: string;
  label?: string[];
}

/** Users that are named to who cannot delete. */
const NAMED_USERS = 3;

@Injectable()
export class VolumeRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  /** Null: not in this workspace, or deleted. */
  async get(workspaceId: string, id: string): Promise<Volume | null> {
    const { rows } = await this.database.sql.query<VolumeRow>(
      `${SELECT_VOLUMES} WHERE v.workspace_id = $1 AND v.id = $2 AND v.deleted_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ? toVolume(rows[0]) : null;
  }

  /** As `get`, by its name. */
  async named(workspaceId: string, name: string): Promise<Volume | null> {
    const { rows } = await this.database.sql.query<VolumeRow>(
      `${SELECT_VOLUMES} WHERE v.workspace_id = $1 AND v.name = $2 AND v.deleted_at IS NULL`,
      [workspaceId, name],
    );
    return rows[0] ? toVolume(rows[0]) : null;
  }

  /** Throws `invalid-request` where the workspace has no host of this name or id. */
  async refuseUnknownHost(workspaceId: string, host: string): Promise<void> {
    await hostNamed(this.database.sql, workspaceId, host);
  }

  /** Newest first, at most `limit + 1`: the one too many says that there is a next page. */
  async list(workspaceId: string, query: ListVolumes): Promise<Volume[]> {
    const where = new Where().and('v.workspace_id = ?', workspaceId).and('v.deleted_at IS NULL');
    if (query.before !== undefined) where.and('v.id < ?', query.before);
    if (query.name !== undefined) where.contains('v.name', query.name);
    if (query.host !== undefined) where.and('v.host_id = ?', query.host);
    where.labels('v.labels', query.label ?? []);
    const { rows } = await this.database.sql.query<VolumeRow>(
      `${SELECT_VOLUMES} WHERE ${where.text} ORDER BY v.id DESC LIMIT ${query.limit + 1}`,
      where.values,
    );
    return rows.map(toVolume);
  }

  /** Of these names, those that the workspace has no volume of. */
  async missing(workspaceId: string, names: readonly string[]): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ name: string }>(
      `SELECT a.name FROM unnest($2::text[]) AS a(name)
        WHERE NOT EXISTS (SELECT 1 FROM volume v WHERE v.workspace_id = $1 AND v.name = a.name AND v.deleted_at IS NULL)`,
      [workspaceId, names],
    );
    return rows.map(({ name }) => name);
  }

  /** The id of what was made, by this request or an earlier one with its key. Throws `conflict` for a name that is taken. */
  async insert(workspaceId: string, actor: string, { metadata, spec }: CreateVolume, claim?: IdempotencyClaim): Promise<string> {
    const id = newId('volume');
    return this.database.transaction(async (sql) => {
      const earlier: EarlierAnswer | null = claim ? await this.idempotency.claim(sql, workspaceId, claim, id) : null;
      if (earlier) return earlier.resourceId;
      const host = spec?.host === undefined ? null : await hostNamed(sql, workspaceId, spec.host);
      const { rowCount } = await sql.query(
        `INSERT INTO volume (id, workspace_id, name, labels, host_id, bound_at, created_by)
         VALUES ($1, $2, $3, $4, $5, CASE WHEN $5::text IS NOT NULL THEN now() END, $6) ON CONFLICT DO NOTHING`,
        [id, workspaceId, metadata.name, JSON.stringify(metadata.labels ?? {}), host?.id ?? null, actor],
      );
      if (rowCount === 0) {
        throw new BerthError('conflict', `There is a volume "${metadata.name}" already.`, {
          errors: [{ path: 'metadata.name', message: 'is the name of another volume' }],
        });
      }
      const message = host === null ? 'created' : `created on ${host.name}`;
      await this.tell(sql, { workspaceId, volumeId: id, actor }, metadata.name, 'created', message);
      return id;
    });
  }

  /** Throws `not-found` and `precondition-failed`. Answers whether anything has changed. */
  async relabel(change: VolumeChange, labels: Labels): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const { name } = await this.lock(sql, change);
      const { rowCount } = await sql.query(
        `UPDATE volume SET labels = $2::jsonb, resource_version = resource_version + 1 WHERE id = $1 AND labels <> $2::jsonb`,
        [change.volumeId, JSON.stringify(labels)],
      );
      if (rowCount === 0) return false;
      await this.tell(sql, change, name, 'updated', 'other labels');
      return true;
    });
  }

  /**
   * Gone for its readers, and its name is free; its host is still to remove the data. Throws `conflict` while a run that is not at an end
   * has it: one that is being created in this moment is waited for.
   */
  async delete(change: VolumeChange): Promise<void> {
    await this.database.transaction(async (sql) => {
      const { name, hostName } = await this.lock(sql, change);
      const users = await namesOfUsers(sql, change);
      if (users.length > 0) throw new BerthError('conflict', inUse(users));
      await sql.query('UPDATE volume SET deleted_at = now(), asked_at = NULL, resource_version = resource_version + 1 WHERE id = $1', [
        change.volumeId,
      ]);
      const message = hostName === null ? 'deleted' : `deleted; its data is removed from ${hostName}`;
      await this.tell(sql, change, name, 'deleted', message);
    });
  }

  /** That its content is written from a backup, and by whom. */
  async noteRestore(change: VolumeChange, name: string): Promise<void> {
    await this.database.transaction((sql) => this.tell(sql, change, name, 'restored', 'a backup is unpacked into it'));
  }

  private async lock(sql: Sql, { workspaceId, volumeId, ifMatch }: VolumeChange): Promise<{ name: string; hostName: string | null }> {
    const { rows } = await sql.query<{ name: string; host_name: string | null; resource_version: number }>(
      `SELECT v.name, h.name AS host_name, v.resource_version FROM volume v LEFT JOIN host h ON h.id = v.host_id
        WHERE v.workspace_id = $1 AND v.id = $2 AND v.deleted_at IS NULL FOR UPDATE OF v`,
      [workspaceId, volumeId],
    );
    const found = rows[0];
    if (!found) throw new BerthError('not-found', `There is no volume ${volumeId}.`);
    if (ifMatch !== undefined && ifMatch !== String(found.resource_version)) {
      throw new BerthError('precondition-failed', `The volume is at version ${found.resource_version}: read it again.`);
    }
    return { name: found.name, hostName: found.host_name };
  }

  private async tell(sql: Sql, change: VolumeChange, name: string, what: string, message: string): Promise<void> {
    const { workspaceId, volumeId: id, actor } = change;
    await this.events.append(sql, [{ workspaceId, type: 'volume.changed', id, data: { name, change: what, message, actor } }]);
  }
}

async function hostNamed(sql: Sql, workspaceId: string, host: string): Promise<{ id: string; name: string }> {
  const { rows } = await sql.query<{ id: string; name: string }>(
    'SELECT id, name FROM host WHERE workspace_id = $1 AND (id = $2 OR name = $2) AND removed_at IS NULL FOR SHARE',
    [workspaceId, host],
  );
  const found = rows[0];
  if (found) return found;
  throw new BerthError('invalid-request', `There is no host "${host}" in this workspace.`, {
    errors: [{ path: 'spec.host', message: 'must be the name or the id of a host of this workspace' }],
  });
}

async function namesOfUsers(sql: Sql, { workspaceId, volumeId }: VolumeChange): Promise<string[]> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT r.name FROM run r JOIN run_volume u ON u.run_id = r.id
      WHERE u.volume_id = $2 AND r.workspace_id = $1 AND r.stage IN ('queued', 'live') AND r.spec ? 'volumes' ORDER BY r.id`,
    [workspaceId, volumeId],
  );
  return rows.map(({ name }) => name);
}

function inUse(names: readonly string[]): string {
  const more = names.length - NAMED_USERS;
  const list = names.slice(0, NAMED_USERS).map((name) => `"${name}"`);
  const all = more > 0 ? `${list.join(', ')} and ${more} more` : list.join(' and ');
  return names.length === 1
    ? `The volume is used by the run ${all}: stop it first.`
    : `The volume is used by the runs ${all}: stop them first.`;
}
