/** Join tokens, by hash, and the enrolment that they allow. */
import { BerthError } from '@berth/shared/errors/problem';
import type { HostFacts, JoinToken } from '@berth/shared/model/host';
import { newId } from '@berth/shared/model/ids';
import type { Labels } from '@berth/shared/model/metadata';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type JoinTokenRow, toJoinToken } from './host-mapper.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { Where } from './where.ts';

const SELECT = `SELECT t.id, w.slug AS workspace_slug, t.name, t.labels, t.max_uses, t.uses, t.expires_at, t.revoked_at, t.created_at
  FROM join_token t JOIN workspace w ON w.id = t.workspace_id`;

export interface NewJoinToken {
  id: string;
  workspaceId: string;
  name: string;
  labels: Labels;
  hash: string;
  maxUses: number | null;
  expiresAt: Date;
}

export interface Enrolment {
  joinTokenHash: string;
  publicKey: string;
  name: string;
  facts: HostFacts;
}
export interface Enrolled {
  hostId: string;
  hostName: string;
  workspace: string;
  workspaceId: string;
  /** False: the same key had enrolled before. */
  isNew: boolean;
}

@Injectable()
export class JoinTokenRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  async get(workspaceId: string, id: string): Promise<JoinToken | null> {
    const { rows } = await this.database.sql.query<JoinTokenRow>(`${SELECT} WHERE t.workspace_id = $1 AND t.id = $2`, [workspaceId, id]);
    return rows[0] ? toJoinToken(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`. */
  async list(workspaceId: string, query: { limit: number; before?: string }): Promise<JoinToken[]> {
    const where = new Where().and('t.workspace_id = ?', workspaceId);
    if (query.before !== undefined) where.and('t.id < ?', query.before);
    const { rows } = await this.database.sql.query<JoinTokenRow>(
      `${SELECT} WHERE ${where.text} ORDER BY t.id DESC LIMIT ${query.limit + 1}`,
      where.values,
    );
    return rows.map(toJoinToken);
  }

  /** Null: stored. Otherwise the answer of the earlier request with this key. */
  async insert(token: NewJoinToken, secret: string, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, token.workspaceId, claim, token.id, secret));
      if (earlier) return earlier;
      await sql.query(
        `INSERT INTO join_token (id, workspace_id, name, labels, hash, max_uses, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [token.id, token.workspaceId, token.name, JSON.stringify(token.labels), token.hash, token.maxUses, token.expiresAt],
      );
      return null;
    });
  }

  /** Once revoked it stays so; again is no error. False: no such token in the workspace. */
  async revoke(workspaceId: string, id: string): Promise<boolean> {
    const { rowCount } = await this.database.sql.query(
      'UPDATE join_token SET revoked_at = coalesce(revoked_at, now()) WHERE workspace_id = $1 AND id = $2',
      [workspaceId, id],
    );
    return rowCount === 1;
  }

  /** The same public key gets the same host again, and uses no token up. Throws BerthError `unauthenticated`, `conflict`. */
  async enrol(enrolment: Enrolment): Promise<Enrolled> {
    return this.database.transaction(async (sql) => {
      // Two requests with one key: the second waits here, and then finds the host of the first.
      await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [enrolment.publicKey]);
      const known = await this.hostOfKey(sql, enrolment.publicKey);
      if (known) return known;
      const used = await sql.query<{ workspace_id: string; labels: Labels; slug: string }>(
        `UPDATE join_token t SET uses = uses + 1 FROM workspace w
         WHERE t.hash = $1 AND w.id = t.workspace_id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > now())
           AND (t.max_uses IS NULL OR t.uses < t.max_uses)
         RETURNING t.workspace_id, t.labels, w.slug`,
        [enrolment.joinTokenHash],
      );
      const token = used.rows[0];
      if (!token) {
        throw new BerthError(
          'unauthenticated',
          'The join token is not valid: it is wrong, used up, revoked or has passed its end. Make a new one.',
        );
      }
      // Names are given out one by one in a workspace.
      await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 1))', [token.workspace_id]);
      const hostName = await freeName(sql, token.workspace_id, enrolment.name);
      const hostId = newId('host');
      const { facts } = enrolment;
      const inserted = await sql.query<{ approved: boolean }>(
        `INSERT INTO host (id, workspace_id, name, labels, public_key, facts, cpu_millis, memory_bytes, platform, approved)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9,
                 NOT coalesce((SELECT hosts_need_approval FROM workspace_settings WHERE workspace_id = $2), false))
         RETURNING approved`,
        [
          hostId,
          token.workspace_id,
          hostName,
          JSON.stringify(token.labels),
          enrolment.publicKey,
          JSON.stringify(facts),
          facts.cpuMillis,
          facts.memoryBytes,
          facts.platform,
        ],
      );
      const waits = inserted.rows[0]?.approved === false ? ', and waits for approval' : '';
      await this.events.append(sql, [
        {
          type: 'host.changed',
          workspaceId: token.workspace_id,
          id: hostId,
          data: { change: 'enrolled', message: `${hostName} joined the workspace${waits}` },
        },
      ]);
      return { hostId, hostName, workspace: token.slug, workspaceId: token.workspace_id, isNew: true };
    });
  }

  private async hostOfKey(sql: Sql, publicKey: string): Promise<Enrolled | null> {
    const { rows } = await sql.query<{ id: string; name: string; removed_at: Date | null; workspace_id: string; slug: string }>(
      `SELECT h.id, h.name, h.removed_at, h.workspace_id, w.slug FROM host h JOIN workspace w ON w.id = h.workspace_id WHERE h.public_key = $1`,
      [publicKey],
    );
    const host = rows[0];
    if (!host) return null;
    if (host.removed_at) {
      throw new BerthError('conflict', `The host "${host.name}" of this key was removed: empty the agent's home folder and enrol it anew.`);
    }
    return { hostId: host.id, hostName: host.name, workspace: host.slug, workspaceId: host.workspace_id, isNew: false };
  }
}

/** The wanted name, or with the lowest suffix that makes it unique: "web-1", "web-1-2", "web-1-3". */
async function freeName(sql: Sql, workspaceId: string, wanted: string): Promise<string> {
  const { rows } = await sql.query<{ name: string }>(
    'SELECT name FROM host WHERE workspace_id = $1 AND removed_at IS NULL AND starts_with(name, $2)',
    [workspaceId, wanted.slice(0, 50)],
  );
  const taken = new Set(rows.map((row) => row.name));
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const name = wanted.slice(0, 63 - suffix.length) + suffix;
    if (!taken.has(name)) return name;
  }
}
