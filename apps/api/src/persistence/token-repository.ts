/** API tokens as their readers see them; better-auth's api-key plugin makes them and hashes them. */
import type { Token } from '@berth/shared/model/token';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import { isoOrNull } from './run-mapper.ts';
import { Where } from './where.ts';

interface TokenRow {
  id: string;
  workspace_slug: string;
  name: string | null;
  start: string | null;
  expires_at: Date | null;
  last_request: Date | null;
  created_at: Date;
}

const SELECT = `SELECT k.id, w.slug AS workspace_slug, k.name, k.start, k.expires_at, k.last_request, k.created_at
  FROM api_key k JOIN workspace w ON w.id = k.reference_id`;

@Injectable()
export class TokenRepository {
  constructor(
    private readonly database: Database,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  async get(workspaceId: string, id: string): Promise<Token | null> {
    const { rows } = await this.database.sql.query<TokenRow>(`${SELECT} WHERE k.reference_id = $1 AND k.id = $2`, [workspaceId, id]);
    return rows[0] ? toToken(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`. */
  async list(workspaceId: string, query: { limit: number; before?: string }): Promise<Token[]> {
    const where = new Where().and('k.reference_id = ?', workspaceId);
    if (query.before !== undefined) where.and('k.id < ?', query.before);
    const { rows } = await this.database.sql.query<TokenRow>(
      `${SELECT} WHERE ${where.text} ORDER BY k.id DESC LIMIT ${query.limit + 1}`,
      where.values,
    );
    return rows.map(toToken);
  }

  /** False: no such token in the workspace. */
  async delete(workspaceId: string, id: string): Promise<boolean> {
    const { rowCount } = await this.database.sql.query('DELETE FROM api_key WHERE reference_id = $1 AND id = $2', [workspaceId, id]);
    return rowCount === 1;
  }

  earlierAnswer(workspaceId: string, claim: IdempotencyClaim): Promise<EarlierAnswer | null> {
    return this.idempotency.find(this.database.sql, workspaceId, claim);
  }

  /** Not in the transaction of the making, which is better-auth's own: of two requests at once, the one that comes second here is told to drop its token. */
  claim(workspaceId: string, claim: IdempotencyClaim, tokenId: string, secret: string): Promise<EarlierAnswer | null> {
    return this.idempotency.claim(this.database.sql, workspaceId, claim, tokenId, secret);
  }
}

function toToken(row: TokenRow): Token {
  return {
    kind: 'Token',
    metadata: {
      id: row.id,
      name: row.name ?? row.id,
      workspace: row.workspace_slug,
      labels: {},
      generation: 1,
      resourceVersion: '1',
      createdAt: row.created_at.toISOString(),
    },
    spec: { expiresAt: isoOrNull(row.expires_at) },
    status: { start: row.start ?? '', lastUsedAt: isoOrNull(row.last_request) },
  };
}
