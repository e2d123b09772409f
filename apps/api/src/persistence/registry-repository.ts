/** Registry credentials of a workspace. The password goes in, and comes out only for a pull (law L8). */
import { DOCKER_HUB } from '@berth/shared/model/image-reference';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { Database } from './database.ts';
import { open } from './secret-box.ts';

/** Docker Hub has several names; all are one registry. */
const DOCKER_HUB_ALIASES = new Set([DOCKER_HUB, 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com', 'hub.docker.com']);

export function canonicalServer(server: string): string {
  const lower = server.toLowerCase();
  return DOCKER_HUB_ALIASES.has(lower) ? DOCKER_HUB : lower;
}

@Injectable()
export class RegistryRepository {
  constructor(
    private readonly database: Database,
    @Inject(ENV) private readonly env: Env,
  ) {}

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
      password: open(this.env.BERTH_SECRET_KEY, row.secret, `${workspaceId}/${row.id}`),
    };
  }
}
