/** Who uses a workspace's secrets now: runs that are not at their end, by the pins in their specs, and services by what their templates name. */
import { type SecretUser, SHOWN_USERS } from '@berth/shared/model/secret';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';

interface UserRow extends SecretUser {
  secret: string;
}

@Injectable()
export class SecretUsers {
  constructor(private readonly database: Database) {}

  /** Of each of the names, runs first, the newest first; at most SHOWN_USERS + 1 of each kind. `version`: only those of that one. */
  async of(
    workspaceId: string,
    names: readonly string[],
    version?: number,
    sql: Sql = this.database.sql,
  ): Promise<Map<string, SecretUser[]>> {
    const found = new Map(names.map((name): [string, SecretUser[]] => [name, []]));
    if (names.length === 0) return found;
    const { rows } = await sql.query<UserRow>({
      name: 'secret-users',
      // A name at a time, by the index of those that have secrets: OFFSET keeps Postgres from walking all runs for the first ones that fit.
      text: `SELECT n.name AS secret, u.* FROM unnest($2::text[]) AS n(name), LATERAL (
               (SELECT 'Run' AS kind, r.id, r.name, (${VERSION('r.spec')}) AS version FROM (
                   SELECT id, name, spec FROM run r
                    WHERE r.workspace_id = $1 AND r.deleted_at IS NULL AND ${NAMES('r.spec')}
                      AND r.spec ? 'secrets' AND r.stage IN ('queued', 'live') OFFSET 0) r
                 ORDER BY r.id DESC LIMIT $4)
               UNION ALL
               (SELECT 'Service', s.id, s.name, (${VERSION("s.spec #> '{template,spec}'")}) FROM service s
                 WHERE s.workspace_id = $1 AND s.deleted_at IS NULL AND ${NAMES("(s.spec #> '{template,spec}')")}
                 ORDER BY s.id DESC LIMIT $4)) u`,
      values: [workspaceId, names, version ?? null, SHOWN_USERS + 1],
    });
    for (const { secret, ...user } of rows) found.get(secret)?.push(user);
    return found;
  }
}

/** The spec names the secret `n.name`; in version $3, where one is asked for. */
const NAMES = (spec: string) =>
  `${spec} -> 'secrets' @> jsonb_build_array(jsonb_strip_nulls(jsonb_build_object('secret', n.name, 'version', $3::int)))`;
/** The highest of the versions that the spec names. */
const VERSION = (spec: string) =>
  `SELECT max((each ->> 'version')::int) FROM jsonb_array_elements(${spec} -> 'secrets') AS each WHERE each ->> 'secret' = n.name`;
