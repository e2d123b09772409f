/** What registries last said of the images that runs have, and which of them are to be asked next. */
import { Injectable } from '@nestjs/common';
import type { ImageCheck } from '../planning/images/image-state.ts';
import { Database } from './database.ts';

/** A reference that no run has any more is asked for a day at most, and forgotten after a week. */
const WANTED = "interval '1 day'";
const KEPT = "interval '7 days'";

export interface WantedImage {
  workspaceId: string;
  /** In full. */
  reference: string;
  registry: string;
}

export interface DueImage extends WantedImage {
  tagsDue: boolean;
}

export interface CheckResult {
  /** Undefined: as it was. */
  digest?: string;
  newerTag?: string | null;
  error: string | null;
  tagsAsked: boolean;
  pauseSeconds: number | null;
}

@Injectable()
export class ImageCheckRepository {
  constructor(private readonly database: Database) {}

  /** Images of running runs, as they were asked for. */
  async running(): Promise<{ workspaceId: string; image: string }[]> {
    const { rows } = await this.database.sql.query<{ workspace_id: string; image: string }>(
      `SELECT DISTINCT r.workspace_id, r.image FROM workspace w JOIN run r ON r.workspace_id = w.id
        WHERE r.stage = 'live' AND r.phase = 'running' AND r.deleted_at IS NULL`,
    );
    return rows.map(({ workspace_id, image }) => ({ workspaceId: workspace_id, image }));
  }

  async want(images: readonly WantedImage[]): Promise<void> {
    if (images.length === 0) return;
    await this.database.sql.query(
      `INSERT INTO image_check (workspace_id, reference, registry)
       SELECT DISTINCT * FROM unnest($1::text[], $2::text[], $3::text[])
       ON CONFLICT (workspace_id, reference) DO UPDATE SET wanted_at = now() WHERE image_check.wanted_at < now() - interval '1 hour'`,
      [images.map((one) => one.workspaceId), images.map((one) => one.reference), images.map((one) => one.registry)],
    );
  }

  /** Those that are due, for this process alone: nobody else gets them before `everySeconds` are over. */
  async claim(limit: number, everySeconds: number, tagsEverySeconds: number): Promise<DueImage[]> {
    const { rows } = await this.database.sql.query<{ workspace_id: string; reference: string; registry: string; tags_due: boolean }>(
      `UPDATE image_check c SET next_at = now() + make_interval(secs => $2)
        WHERE (c.workspace_id, c.reference) IN (
          SELECT d.workspace_id, d.reference FROM image_check d
           WHERE d.next_at <= now() AND d.wanted_at > now() - ${WANTED}
             AND NOT EXISTS (SELECT 1 FROM image_check l
                              WHERE l.workspace_id = d.workspace_id AND l.registry = d.registry AND l.limited_until > now())
           ORDER BY d.next_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED)
        RETURNING c.workspace_id, c.reference, c.registry,
                  (c.tags_at IS NULL OR c.tags_at <= now() - make_interval(secs => $3)) AS tags_due`,
      [limit, everySeconds, tagsEverySeconds],
    );
    return rows.map(({ workspace_id, reference, registry, tags_due }) => ({
      workspaceId: workspace_id,
      reference,
      registry,
      tagsDue: tags_due,
    }));
  }

  async store({ workspaceId, reference }: WantedImage, { digest, newerTag, error, tagsAsked, pauseSeconds }: CheckResult): Promise<void> {
    await this.database.sql.query(
      `UPDATE image_check SET
         digest = coalesce($3, digest),
         checked_at = CASE WHEN $3::text IS NULL THEN checked_at ELSE now() END,
         newer_tag = CASE WHEN $4 THEN $5 ELSE newer_tag END,
         tags_at = CASE WHEN $4 THEN now() ELSE tags_at END,
         error = $6,
         limited_until = now() + make_interval(secs => $7)
       WHERE workspace_id = $1 AND reference = $2`,
      [workspaceId, reference, digest ?? null, tagsAsked, newerTag ?? null, error, pauseSeconds],
    );
  }

  async find(workspaceId: string, reference: string): Promise<ImageCheck | null> {
    const { rows } = await this.database.sql.query<{
      digest: string | null;
      newer_tag: string | null;
      error: string | null;
      checked_at: Date | null;
    }>('SELECT digest, newer_tag, error, checked_at FROM image_check WHERE workspace_id = $1 AND reference = $2', [workspaceId, reference]);
    const row = rows[0];
    return row ? { digest: row.digest, newerTag: row.newer_tag, error: row.error, checkedAt: row.checked_at } : null;
  }

  /** Familiar names of the images of a host. */
  async onHost(workspaceId: string, hostId: string): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ images: string[] }>('SELECT images FROM host WHERE workspace_id = $1 AND id = $2', [
      workspaceId,
      hostId,
    ]);
    return rows[0]?.images ?? [];
  }

  async forget(): Promise<void> {
    await this.database.sql.query(`DELETE FROM image_check WHERE wanted_at < now() - ${KEPT}`);
  }
}
