/** Registry credentials of a workspace. The password goes in, and comes out only for a pull (law L8). */
import { BerthError } from '@berth/shared/errors/problem';
import type { Labels } from '@berth/shared/model/metadata';
import { canonicalServer, type Registry } from '@berth/shared/model/registry';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { MasterKeys } from './master-keys.ts';
import { isUniqueViolation } from './unique-violation.ts';
import { Where } from './where.ts';

interface RegistryRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  server: string;
  username: string;
  resource_version: number;
  created_at: Date;
}

const SELECT = `SELECT r.id, w.slug AS workspace_slug, r.name, r.labels, r.server, r.username, r.resource_version, r.created_at
  FROM registry r JOIN workspace w ON w.id = r.workspace_id`;

export interface NewRegistry {
  id: string;
  workspaceId: string;
  name: string;
  labels: Labels;
  server: string;
  username: string;
  password: string;
}

/** Without a password the stored one stays. */
export interface RegistryChange {
  workspaceId: string;
  id: string;
  /** The resourceVersion that it is meant for. */
  version: string;
  labels: Labels;
  server: string;
  username: string;
  password?: string;
}

@Injectable()
export class RegistryRepository {
  constructor(
    private readonly database: Database,
    private readonly idempotency: IdempotencyRepository,
    private readonly masters: MasterKeys,
  ) {}

  async get(workspaceId: string, id: string): Promise<Registry | null> {
    const { rows } = await this.database.sql.query<RegistryRow>(`${SELECT} WHERE r.workspace_id = $1 AND r.id = $2`, [workspaceId, id]);
    return rows[0] ? toRegistry(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`. */
  async list(workspaceId: string, query: { limit: number; before?: string }): Promise<Registry[]> {
    const where = new Where().and('r.workspace_id = ?', workspaceId);
    if (query.before !== undefined) where.and('r.id < ?', query.before);
    const { rows } = await this.database.sql.query<RegistryRow>(
      `${SELECT} WHERE ${where.text} ORDER BY r.id DESC LIMIT ${query.limit + 1}`,
      where.values,
    );
    return rows.map(toRegistry);
  }

  /** Null: stored. Throws BerthError `conflict` where the server or the name has credentials already. */
  async insert(registry: NewRegistry, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    const { id, workspaceId, name, labels, server, username, password } = registry;
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, workspaceId, claim, id));
      if (earlier) return earlier;
      const secret = this.masters.seal(password, `${workspaceId}/${id}`);
      const { rowCount } = await sql.query(
        `INSERT INTO registry (id, workspace_id, name, labels, server, username, secret) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
        [id, workspaceId, name, JSON.stringify(labels), canonicalServer(server), username, secret],
      );
      if (rowCount === 0) {
        throw new BerthError(
          'conflict',
          `There are credentials for "${canonicalServer(server)}" or by the name "${name}" already; delete those first.`,
        );
      }
      return null;
    });
  }

  /** Null: none by this name. */
  async named(workspaceId: string, name: string): Promise<Registry | null> {
    const { rows } = await this.database.sql.query<RegistryRow>(`${SELECT} WHERE r.workspace_id = $1 AND r.name = $2`, [workspaceId, name]);
    return rows[0] ? toRegistry(rows[0]) : null;
  }

  /** By what name there are credentials for the server; null: there are none. */
  async nameFor(workspaceId: string, server: string): Promise<string | null> {
    const { rows } = await this.database.sql.query<{ name: string }>('SELECT name FROM registry WHERE workspace_id = $1 AND server = $2', [
      workspaceId,
      canonicalServer(server),
    ]);
    return rows[0]?.name ?? null;
  }

  /** Throws BerthError `precondition-failed` where it has changed or is gone, and `conflict` where the server has credentials already. */
  async update({ workspaceId, id, version, labels, server, username, password }: RegistryChange): Promise<void> {
    const secret = password === undefined ? null : this.masters.seal(password, `${workspaceId}/${id}`);
    try {
      const { rowCount } = await this.database.sql.query(
        `UPDATE registry SET labels = $4, server = $5, username = $6, secret = coalesce($7, secret), resource_version = resource_version + 1
          WHERE workspace_id = $1 AND id = $2 AND resource_version = $3`,
        [workspaceId, id, version, JSON.stringify(labels), canonicalServer(server), username, secret],
      );
      if (rowCount === 0) throw new BerthError('precondition-failed', 'The registry credentials have changed meanwhile: read them again.');
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new BerthError('conflict', `There are credentials for "${canonicalServer(server)}" already; delete those first.`);
    }
  }

  /** False: no such registry in the workspace. */
  async delete(workspaceId: string, id: string): Promise<boolean> {
    const { rowCount } = await this.database.sql.query('DELETE FROM registry WHERE workspace_id = $1 AND id = $2', [workspaceId, id]);
    return rowCount === 1;
  }

  /** `server` as in a parsed image reference ("docker.io", "ghcr.io", "127.0.0.1:5000"). Null: pull without credentials. */
  async credentialsFor(workspaceId: string, server: string): Promise<{ server: string; username: string; password: string } | null> {
    const { rows } = await this.database.sql.query<{ id: string; server: string; username: string; secret: Buffer }>(
      'SELECT id, server, username, secret FROM registry WHERE workspace_id = $1 AND server = $2',
      [workspaceId, canonicalServer(server)],
    );
    const row = rows[0];
    if (!row) return null;
    return {
      server: row.server,
      username: row.username,
      password: this.masters.open(row.secret, `${workspaceId}/${row.id}`),
    };
  }
}

function toRegistry(row: RegistryRow): Registry {
  return {
    kind: 'Registry',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: 1,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: { server: row.server, username: row.username },
    status: {},
  };
}
