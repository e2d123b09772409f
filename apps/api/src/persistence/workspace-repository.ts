/** Who belongs to which workspace, and which workspace a token opens. */
import { Injectable } from '@nestjs/common';
import type { Membership } from '../auth/principal.ts';
import { Database } from './database.ts';

export interface TokenOwner {
  tokenId: string;
  name: string;
  expiresAt: Date | null;
  /** The last use is written at most once a minute: this says that it is due. */
  useIsDue: boolean;
  workspace: Membership;
}

@Injectable()
export class WorkspaceRepository {
  constructor(private readonly database: Database) {}

  async membershipsOf(userId: string): Promise<Membership[]> {
    const { rows } = await this.database.sql.query<Membership>({
      name: 'memberships-of',
      text: `SELECT w.id, w.slug, w.name, m.role FROM member m JOIN workspace w ON w.id = m.workspace_id
             WHERE m.user_id = $1 ORDER BY w.slug`,
      values: [userId],
    });
    return rows;
  }

  /** `hash` as the api-key plugin stores it. Null: unknown, disabled or past its end. Reads only. */
  async ownerOfToken(hash: string): Promise<TokenOwner | null> {
    const { rows } = await this.database.sql.query<{
      id: string;
      name: string | null;
      start: string | null;
      expires_at: Date | null;
      use_is_due: boolean;
      workspace_id: string;
      slug: string;
      workspace_name: string;
    }>({
      name: 'owner-of-token',
      text: `SELECT k.id, k.name, k.start, k.expires_at, w.id AS workspace_id, w.slug, w.name AS workspace_name,
               k.last_request IS NULL OR k.last_request < now() - interval '1 minute' AS use_is_due
             FROM api_key k JOIN workspace w ON w.id = k.reference_id
             WHERE k.key = $1 AND k.enabled AND (k.expires_at IS NULL OR k.expires_at > now())`,
      values: [hash],
    });
    const row = rows[0];
    if (!row) return null;
    return {
      tokenId: row.id,
      name: row.name ?? row.start ?? row.id,
      expiresAt: row.expires_at,
      useIsDue: row.use_is_due,
      workspace: { id: row.workspace_id, slug: row.slug, name: row.workspace_name, role: 'token' },
    };
  }

  async noteTokenUse(tokenId: string): Promise<void> {
    await this.database.sql.query(
      `UPDATE api_key SET last_request = now() WHERE id = $1 AND (last_request IS NULL OR last_request < now() - interval '1 minute')`,
      [tokenId],
    );
  }

  /** Somebody who may make tokens there; null where the workspace has no owner. */
  async ownerOf(workspaceId: string): Promise<string | null> {
    const { rows } = await this.database.sql.query<{ user_id: string }>(
      `SELECT user_id FROM member WHERE workspace_id = $1 AND role LIKE '%owner%' ORDER BY created_at LIMIT 1`,
      [workspaceId],
    );
    return rows[0]?.user_id ?? null;
  }

  /** For a token that is made anew under its name. */
  async deleteTokensNamed(workspaceId: string, name: string): Promise<void> {
    await this.database.sql.query('DELETE FROM api_key WHERE reference_id = $1 AND name = $2', [workspaceId, name]);
  }
}
