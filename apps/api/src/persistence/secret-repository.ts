/** The secrets of a workspace as resources. What is written is sealed in the same transaction; who reads gets no value but of visible ones. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Labels } from '@berth/shared/model/metadata';
import { type Secret, type SecretKey, type SecretUser, type SecretVersion, SHOWN_USERS } from '@berth/shared/model/secret';
import { Injectable } from '@nestjs/common';
import { DataKeys } from './data-keys.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { isoOrNull } from './run-mapper.ts';
import { SecretUsers } from './secret-users.ts';
import { SecretValues } from './secret-values.ts';
import { isUniqueViolation } from './unique-violation.ts';
import { Where } from './where.ts';

interface SecretRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  visible: boolean;
  version: number;
  generation: number;
  resource_version: number;
  created_at: Date;
  changed_at: Date;
  changed_by: string;
}

const SELECT = `SELECT s.id, w.slug AS workspace_slug, s.name, s.labels, s.visible, s.version, s.generation, s.resource_version, s.created_at,
    v.created_at AS changed_at, v.created_by AS changed_by
  FROM secret s JOIN workspace w ON w.id = s.workspace_id JOIN secret_version v ON v.secret_id = s.id AND v.number = s.version`;

export interface NewSecret {
  id: string;
  workspaceId: string;
  name: string;
  labels: Labels;
  visible: boolean;
  value: string;
  actor: string;
}

export interface SecretChange {
  workspaceId: string;
  id: string;
  actor: string;
  ifMatch?: string;
}

type Kept = Pick<SecretRow, 'name' | 'version' | 'resource_version'>;

@Injectable()
export class SecretRepository {
  constructor(
    private readonly database: Database,
    private readonly idempotency: IdempotencyRepository,
    private readonly events: EventRepository,
    private readonly keys: DataKeys,
    private readonly values: SecretValues,
    private readonly users: SecretUsers,
  ) {}

  async get(workspaceId: string, id: string): Promise<Secret | null> {
    const { rows } = await this.database.sql.query<SecretRow>(
      `${SELECT} WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL`,
      [workspaceId, id],
    );
    const [secret] = await this.toSecrets(workspaceId, rows);
    return secret ?? null;
  }

  /** As `get`, by its name. */
  async named(workspaceId: string, name: string): Promise<Secret | null> {
    const { rows } = await this.database.sql.query<SecretRow>(
      `${SELECT} WHERE s.workspace_id = $1 AND s.name = $2 AND s.deleted_at IS NULL`,
      [workspaceId, name],
    );
    const [secret] = await this.toSecrets(workspaceId, rows);
    return secret ?? null;
  }

  /** Newest first, at most `limit + 1`. */
  async list(workspaceId: string, query: { limit: number; before?: string; label?: readonly string[]; name?: string }): Promise<Secret[]> {
    const where = new Where()
      .and('s.workspace_id = ?', workspaceId)
      .and('s.deleted_at IS NULL')
      .labels('s.labels', query.label ?? []);
    if (query.before !== undefined) where.and('s.id < ?', query.before);
    if (query.name !== undefined) where.contains('s.name', query.name);
    const { rows } = await this.database.sql.query<SecretRow>(
      `${SELECT} WHERE ${where.text} ORDER BY s.id DESC LIMIT ${query.limit + 1}`,
      where.values,
    );
    return this.toSecrets(workspaceId, rows);
  }

  /** Oldest first. Null: there is no such secret. */
  async versions(workspaceId: string, id: string): Promise<SecretVersion[] | null> {
    const { rows } = await this.database.sql.query<{
      name: string;
      number: number;
      created_at: Date;
      created_by: string;
      destroyed_at: Date | null;
    }>(
      `SELECT s.name, v.number, v.created_at, v.created_by, v.destroyed_at FROM secret s JOIN secret_version v ON v.secret_id = s.id
        WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL ORDER BY v.number`,
      [workspaceId, id],
    );
    const [first] = rows;
    if (!first) return null;
    return Promise.all(
      rows.map(async ({ name, number, created_at, created_by, destroyed_at }) => ({
        number,
        createdAt: created_at.toISOString(),
        createdBy: created_by,
        destroyedAt: isoOrNull(destroyed_at),
        users: destroyed_at ? [] : shown(await this.users.of(workspaceId, [name], number), name).users,
      })),
    );
  }

  /** Null: stored. Throws BerthError `conflict` where the name is taken. */
  async insert(secret: NewSecret, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    const { id, workspaceId, name, labels, visible, value, actor } = secret;
    try {
      return await this.database.transaction(async (sql) => {
        const earlier = claim && (await this.idempotency.claim(sql, workspaceId, claim, id));
        if (earlier) return earlier;
        await this.keys.lock(sql, workspaceId);
        // The versions of a name go on where those of one that was deleted ended: a pin never means another value.
        const { rows } = await sql.query<{ version: number }>(
          `INSERT INTO secret (id, workspace_id, name, labels, visible, version)
           SELECT $1, $2, $3, $4, $5, 1 + coalesce(max(version), 0) FROM secret WHERE workspace_id = $2 AND name = $3 RETURNING version`,
          [id, workspaceId, name, JSON.stringify(labels), visible],
        );
        await this.addVersion(sql, secret, rows[0]?.version ?? 1, value);
        await this.tell(sql, { workspaceId, id, actor }, name, 'created', `the secret ${name} was made`);
        return null;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new BerthError('conflict', `There is a secret "${name}" already; give that one a new value.`, {}, { cause: error });
    }
  }

  /** A new value, other labels, or both. Throws `not-found` and `precondition-failed`. */
  async update(change: SecretChange, { labels, value }: { labels?: Labels; value?: string }): Promise<void> {
    await this.database.transaction(async (sql) => {
      await this.keys.lock(sql, change.workspaceId);
      const { name, version } = await this.kept(sql, change);
      const next = value === undefined ? version : version + 1;
      await sql.query(
        `UPDATE secret SET labels = coalesce($2::jsonb, labels), version = $3, generation = generation + 1, resource_version = resource_version + 1
          WHERE id = $1`,
        [change.id, labels === undefined ? null : JSON.stringify(labels), next],
      );
      if (value !== undefined) {
        await this.addVersion(sql, change, next, value);
        await this.tell(sql, change, name, 'new-version', `the secret ${name} has a new value: version ${next}`);
      }
      if (labels !== undefined) await this.tell(sql, change, name, 'updated', `the secret ${name} has other labels`);
    });
  }

  /** Throws `not-found`, and `conflict` where somebody uses it and it is not `forced`. Its values are gone for good. */
  async delete(change: SecretChange, forced: boolean): Promise<void> {
    await this.database.transaction(async (sql) => {
      await this.keys.lock(sql, change.workspaceId);
      const { name } = await this.kept(sql, change);
      if (!forced) await this.refuseUsed(sql, change, name);
      await sql.query('UPDATE secret SET deleted_at = now(), resource_version = resource_version + 1 WHERE id = $1', [change.id]);
      await sql.query('UPDATE secret_version SET sealed = NULL, destroyed_at = coalesce(destroyed_at, now()) WHERE secret_id = $1', [
        change.id,
      ]);
      await this.tell(sql, change, name, 'deleted', `the secret ${name} was deleted, with all of its values`);
    });
  }

  /** As `delete`, of one version that is not the latest. Destroyed already: nothing changes. */
  async destroyVersion(change: SecretChange, number: number, forced: boolean): Promise<void> {
    await this.database.transaction(async (sql) => {
      await this.keys.lock(sql, change.workspaceId);
      const { name, version } = await this.kept(sql, change);
      if (number === version)
        throw new BerthError('conflict', `Version ${number} is the latest of "${name}": give it a new value first, or delete the secret.`);
      const { rows } = await sql.query<{ destroyed_at: Date | null }>(
        'SELECT destroyed_at FROM secret_version WHERE secret_id = $1 AND number = $2',
        [change.id, number],
      );
      if (!rows[0]) throw new BerthError('not-found', `The secret "${name}" has no version ${number}.`);
      if (rows[0].destroyed_at) return;
      if (!forced) await this.refuseUsed(sql, change, name, number);
      await sql.query('UPDATE secret_version SET sealed = NULL, destroyed_at = now() WHERE secret_id = $1 AND number = $2', [
        change.id,
        number,
      ]);
      await sql.query('UPDATE secret SET resource_version = resource_version + 1 WHERE id = $1', [change.id]);
      await this.tell(sql, change, name, 'version-destroyed', `the value of version ${number} of the secret ${name} was destroyed`);
    });
  }

  /** All values of the workspace are sealed with a fresh data key, and those before are gone. */
  async replaceKey(workspaceId: string): Promise<SecretKey> {
    return this.database.transaction(async (sql) => {
      await this.keys.lock(sql, workspaceId);
      const before = await this.keys.present(sql, workspaceId);
      const fresh = await this.keys.make(sql, workspaceId, before.number + 1);
      const resealed = await this.values.resealAll(sql, workspaceId, fresh);
      // Of what was destroyed only the number of its key is left: it is not needed.
      await sql.query('DELETE FROM data_key WHERE workspace_id = $1 AND number < $2', [workspaceId, fresh.number]);
      return { number: fresh.number, resealed };
    });
  }

  private async addVersion(sql: Sql, of: { workspaceId: string; id: string; actor: string }, number: number, value: string): Promise<void> {
    const { workspaceId, id, actor } = of;
    const key = await this.keys.present(sql, workspaceId);
    await sql.query(
      'INSERT INTO secret_version (secret_id, number, workspace_id, data_key, sealed, created_by) VALUES ($1, $2, $3, $4, $5, $6)',
      [id, number, workspaceId, key.number, this.values.seal(key, workspaceId, id, number, value), actor],
    );
  }

  private async kept(sql: Sql, { workspaceId, id, ifMatch }: SecretChange): Promise<Kept> {
    const { rows } = await sql.query<Kept>(
      'SELECT name, version, resource_version FROM secret WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL FOR NO KEY UPDATE',
      [workspaceId, id],
    );
    const [row] = rows;
    if (!row) throw new BerthError('not-found', `There is no secret ${id}.`);
    if (ifMatch !== undefined && ifMatch !== String(row.resource_version)) {
      throw new BerthError('precondition-failed', `The secret is at version ${row.resource_version}: read it again.`);
    }
    return row;
  }

  private async refuseUsed(sql: Sql, { workspaceId }: SecretChange, name: string, version?: number): Promise<void> {
    const { users, moreUsers } = shown(await this.users.of(workspaceId, [name], version, sql), name);
    if (users.length === 0) return;
    const who = users.map(({ kind, name: user, id }) => `${kind === 'Run' ? 'run' : 'service'} "${user}" (${id})`).join(', ');
    const what = version === undefined ? `The secret "${name}"` : `Version ${version} of "${name}"`;
    throw new BerthError(
      'conflict',
      `${what} is used by ${who}${moreUsers ? ' and more' : ''}; with ?force=true it is deleted all the same.`,
    );
  }

  private async tell(sql: Sql, { workspaceId, id, actor }: SecretChange, name: string, change: string, message: string): Promise<void> {
    await this.events.append(sql, [{ type: 'secret.changed', workspaceId, id, data: { name, change, message, actor } }]);
  }

  private async toSecrets(workspaceId: string, rows: readonly SecretRow[]): Promise<Secret[]> {
    const names = rows.map(({ name }) => name);
    const pins = rows.filter(({ visible }) => visible).map(({ name, version }) => ({ secret: name, version }));
    const [users, values] = await Promise.all([
      this.users.of(workspaceId, names),
      pins.length > 0 ? this.values.resolve(workspaceId, pins) : [],
    ]);
    const visible = new Map(values.map(({ secret, value }) => [secret, value]));
    return rows.map((row) => toSecret(row, visible.get(row.name) ?? null, shown(users, row.name)));
  }
}

function shown(users: ReadonlyMap<string, SecretUser[]>, name: string): { users: SecretUser[]; moreUsers: boolean } {
  const all = users.get(name) ?? [];
  return { users: all.slice(0, SHOWN_USERS), moreUsers: all.length > SHOWN_USERS };
}

function toSecret(row: SecretRow, value: string | null, users: { users: SecretUser[]; moreUsers: boolean }): Secret {
  return {
    kind: 'Secret',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: row.generation,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: { visible: row.visible, ...(value !== null && { value }) },
    status: { version: row.version, changedAt: row.changed_at.toISOString(), changedBy: row.changed_by, ...users },
  };
}
