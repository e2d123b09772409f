/**
 * A repeated POST with the same Idempotency-Key returns the first answer's resource. The key is claimed in the transaction of the
 * change itself: of two requests at once, the second waits for the first one's commit and then sees its claim.
 */
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable } from '@nestjs/common';
import type { Sql } from './database.ts';
import { MasterKeys } from './master-keys.ts';

export interface IdempotencyClaim {
  key: string;
  /** SHA-256 of method, route and body. */
  requestHash: string;
}

/** What the first request with this key made. */
export interface EarlierAnswer {
  resourceId: string;
  /** What was shown once (a token), so that a repeat after a lost answer shows it again; null where there is none. */
  secret: string | null;
}

@Injectable()
export class IdempotencyRepository {
  constructor(private readonly masters: MasterKeys) {}

  /** Null: the key is new and now stands for `resourceId`. Throws BerthError `idempotency-key-reused` for another request. */
  async claim(sql: Sql, workspaceId: string, claim: IdempotencyClaim, resourceId: string, secret?: string): Promise<EarlierAnswer | null> {
    const bound = `${workspaceId}/${claim.key}`;
    const sealed = secret === undefined ? null : this.masters.seal(secret, bound);
    const { rowCount } = await sql.query(
      `INSERT INTO idempotency_key (workspace_id, key, request_hash, resource_id, secret) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (workspace_id, key) DO NOTHING`,
      [workspaceId, claim.key, claim.requestHash, resourceId, sealed],
    );
    if (rowCount === 1) return null;
    return this.find(sql, workspaceId, claim);
  }

  /** Null: the key was not used. Throws as `claim` does. */
  async find(sql: Sql, workspaceId: string, claim: IdempotencyClaim): Promise<EarlierAnswer | null> {
    const { rows } = await sql.query<{ request_hash: string; resource_id: string; secret: Buffer | null }>(
      'SELECT request_hash, resource_id, secret FROM idempotency_key WHERE workspace_id = $1 AND key = $2',
      [workspaceId, claim.key],
    );
    const row = rows[0];
    if (!row) return null;
    if (row.request_hash !== claim.requestHash) {
      throw new BerthError('idempotency-key-reused', `The Idempotency-Key "${claim.key}" was used for another request; choose a new one.`);
    }
    const bound = `${workspaceId}/${claim.key}`;
    return { resourceId: row.resource_id, secret: row.secret && this.masters.open(row.secret, bound) };
  }
}
