/** What was last applied, and what an apply with an Idempotency-Key answered. */
import { type ApplyAnswer, applyAnswerSchema } from '@berth/shared/http/manifests';
import { Injectable } from '@nestjs/common';
import type { JsonObject } from '../planning/manifests/model.ts';
import { Database } from './database.ts';
import { type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';

export interface Applied {
  kind: string;
  name: string;
  resourceId: string;
  document: JsonObject;
  version: number;
}

interface Row {
  kind: string;
  name: string;
  resource_id: string;
  document: JsonObject;
  version: number;
}

const SELECT = 'SELECT kind, name, resource_id, document, version FROM applied_manifest';

@Injectable()
export class AppliedRepository {
  constructor(
    private readonly database: Database,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  async of(workspaceId: string, wanted: readonly { kind: string; name: string }[]): Promise<Applied[]> {
    const { rows } = await this.database.sql.query<Row>(
      `${SELECT} WHERE workspace_id = $1 AND (kind, name) IN (SELECT * FROM unnest($2::text[], $3::text[]))`,
      [workspaceId, wanted.map(({ kind }) => kind), wanted.map(({ name }) => name)],
    );
    return rows.map(toApplied);
  }

  async all(workspaceId: string): Promise<Applied[]> {
    const { rows } = await this.database.sql.query<Row>(`${SELECT} WHERE workspace_id = $1`, [workspaceId]);
    return rows.map(toApplied);
  }

  /** A row stays when its resource is deleted: its version counts on. */
  async remember(workspaceId: string, actor: string, applied: Omit<Applied, 'version'>): Promise<void> {
    await this.database.sql.query(
      `INSERT INTO applied_manifest AS m (workspace_id, kind, name, resource_id, document, applied_by) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (workspace_id, kind, name) DO UPDATE
          SET resource_id = excluded.resource_id, document = excluded.document, applied_by = excluded.applied_by, applied_at = now(),
              version = m.version + 1`,
      [workspaceId, applied.kind, applied.name, applied.resourceId, JSON.stringify(applied.document), actor],
    );
  }

  /** What the first request with this key answered; null: it is new, or was not answered. Throws `idempotency-key-reused`. */
  async answerOf(workspaceId: string, claim: IdempotencyClaim): Promise<ApplyAnswer | null> {
    const earlier = await this.idempotency.find(this.database.sql, workspaceId, claim);
    return earlier?.secret ? applyAnswerSchema.parse(JSON.parse(earlier.secret)) : null;
  }

  /** One that failed on the way is not kept: a repeat goes on where it stopped. */
  async keepAnswer(workspaceId: string, claim: IdempotencyClaim, answer: ApplyAnswer): Promise<void> {
    await this.database.transaction((sql) => this.idempotency.claim(sql, workspaceId, claim, 'apply', JSON.stringify(answer)));
  }
}

const toApplied = ({ kind, name, resource_id, document, version }: Row): Applied => ({
  kind,
  name,
  resourceId: resource_id,
  document,
  version,
});
