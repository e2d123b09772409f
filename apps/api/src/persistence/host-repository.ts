/** Hosts as their readers see them, what people change of them, and their removal. What agents say of them is written by the liveness repository. */

import { BerthError } from '@berth/shared/errors/problem';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Host, HostState, UpdateHost } from '@berth/shared/model/host';
import type { Labels } from '@berth/shared/model/metadata';
import { Injectable } from '@nestjs/common';
import { AgentBundle } from '../install/agent-bundle.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import { ALLOCATED, HOST_COLUMNS, type HostRow, LAST_UPDATE, toHost, USED } from './host-mapper.ts';
import { type Released, releaseAttempts } from './release-attempts.ts';
import { isUniqueViolation } from './unique-violation.ts';
import { Where } from './where.ts';

const FROM_HOST = `FROM host h JOIN workspace w ON w.id = h.workspace_id CROSS JOIN LATERAL (${ALLOCATED}) u
  CROSS JOIN LATERAL (${USED}) s LEFT JOIN LATERAL (${LAST_UPDATE}) l ON true`;

export interface ListHosts {
  limit: number;
  before?: string;
  state?: HostState;
  label?: string[];
  name?: string;
}

export interface HostChange {
  workspaceId: string;
  hostId: string;
  actor: string;
  /** The resourceVersion that the change is meant for; absent: whatever it is. */
  ifMatch?: string;
}

@Injectable()
export class HostRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly agents: AgentBundle,
  ) {}

  /** Null: not in this workspace, or removed. */
  async get(workspaceId: string, id: string): Promise<Host | null> {
    const { rows } = await this.database.sql.query<HostRow>(
      `SELECT ${HOST_COLUMNS} ${FROM_HOST} WHERE h.workspace_id = $1 AND h.id = $2 AND h.removed_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ? this.toHost(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`: the one too many says that there is a next page. */
  async list(workspaceId: string, query: ListHosts): Promise<Host[]> {
    const where = new Where().and('h.workspace_id = ?', workspaceId).and('h.removed_at IS NULL');
    if (query.before !== undefined) where.and('h.id < ?', query.before);
    if (query.state !== undefined) where.and('h.state = ?', query.state);
    if (query.name !== undefined) where.contains('h.name', query.name);
    where.labels('h.labels', query.label ?? []);
    const { rows } = await this.database.sql.query<HostRow>(
      `SELECT ${HOST_COLUMNS} ${FROM_HOST} WHERE ${where.text} ORDER BY h.id DESC LIMIT ${query.limit + 1}`,
      where.values,
    );
    return rows.map((row) => this.toHost(row));
  }

  /** Null: not in this workspace, or removed. */
  async images(workspaceId: string, id: string): Promise<string[] | null> {
    const { rows } = await this.database.sql.query<{ images: string[] }>(
      'SELECT images FROM host WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL',
      [workspaceId, id],
    );
    return rows[0]?.images ?? null;
  }

  /**
   * Writes what is new of the change; answers whether anything was. Throws `not-found`, `precondition-failed`, and `conflict` for a
   * name that another host has.
   */
  async update({ workspaceId, hostId, actor, ifMatch }: HostChange, { metadata = {}, spec = {} }: UpdateHost): Promise<boolean> {
    const { name, labels } = metadata;
    try {
      return await this.database.transaction(async (sql) => {
        const { rows } = await sql.query<{ name: string; labels: Labels; cordoned: boolean; resource_version: number }>(
          'SELECT name, labels, cordoned, resource_version FROM host WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL FOR NO KEY UPDATE',
          [workspaceId, hostId],
        );
        const before = rows[0];
        if (!before) throw new BerthError('not-found', `There is no host ${hostId}.`);
        if (ifMatch !== undefined && ifMatch !== String(before.resource_version)) {
          throw new BerthError('precondition-failed', `The host is at version ${before.resource_version}: read it again.`);
        }
        const changes = await sql.query<{ relabelled: boolean }>(
          `UPDATE host h
              SET name = coalesce($2, h.name), labels = coalesce($3::jsonb, h.labels), cordoned = coalesce($4, h.cordoned),
                  cordoned_at = CASE WHEN $4 AND NOT h.cordoned THEN now() WHEN NOT $4 THEN NULL ELSE h.cordoned_at END,
                  cordoned_by = CASE WHEN $4 AND NOT h.cordoned THEN $5 WHEN NOT $4 THEN NULL ELSE h.cordoned_by END,
                  resource_version = h.resource_version + 1
            WHERE h.id = $1
              AND (h.name, h.labels, h.cordoned) IS DISTINCT FROM (coalesce($2, h.name), coalesce($3::jsonb, h.labels), coalesce($4, h.cordoned))
          RETURNING h.labels <> $6::jsonb AS relabelled`,
          [
            hostId,
            name ?? null,
            labels === undefined ? null : JSON.stringify(labels),
            spec.cordoned ?? null,
            actor,
            JSON.stringify(before.labels),
          ],
        );
        const changed = changes.rows[0];
        if (!changed) return false;
        const event = (change: HostEventChange, message: string): NewEvent => ({
          type: 'host.changed',
          workspaceId,
          id: hostId,
          data: { change, message, actor },
        });
        const events: NewEvent[] = [];
        if (name !== undefined && name !== before.name) events.push(event('updated', `renamed from ${before.name} to ${name}`));
        if (labels !== undefined && changed.relabelled) events.push(event('updated', labelsInWords(labels)));
        if (spec.cordoned === true && !before.cordoned) events.push(event('cordoned', 'cordoned: it takes no new run'));
        if (spec.cordoned === false && before.cordoned) events.push(event('uncordoned', 'takes new runs again'));
        await this.events.append(sql, events);
        return true;
      });
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new BerthError('conflict', `Another host of the workspace is called "${name}".`, {}, { cause: error });
    }
  }

  /** False: it was approved already. Throws `not-found`. */
  async approve({ workspaceId, hostId, actor }: HostChange): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ approved: boolean }>(
        `WITH before AS (SELECT id, approved FROM host WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL FOR NO KEY UPDATE)
         UPDATE host h SET approved = true, resource_version = h.resource_version + CASE WHEN b.approved THEN 0 ELSE 1 END
           FROM before b WHERE h.id = b.id RETURNING b.approved`,
        [workspaceId, hostId],
      );
      const before = rows[0];
      if (!before) throw new BerthError('not-found', `There is no host ${hostId}.`);
      if (before.approved) return false;
      const data = { change: 'approved', message: 'approved: it takes runs', actor } as const;
      await this.events.append(sql, [{ type: 'host.changed', workspaceId, id: hostId, data }]);
      return true;
    });
  }

  /**
   * Takes the host out of the workspace: what ran there is placed again or lost, as each run asks, and its agent is refused from now on.
   * Locks runs, then attempts, then the host, as everybody does.
   */
  async remove(workspaceId: string, id: string, actor: string): Promise<Released[]> {
    return this.database.transaction(async (sql) => {
      const message = `its host was removed from the workspace by ${nameOfActor(actor)}`;
      await sql.query(
        `SELECT 1 FROM run WHERE id IN (SELECT run_id FROM attempt WHERE host_id = $1 AND workspace_id = $2 AND NOT released)
         ORDER BY id FOR UPDATE`,
        [id, workspaceId],
      );
      const known = await sql.query('SELECT 1 FROM host WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL', [workspaceId, id]);
      if (known.rowCount === 0) throw new BerthError('not-found', `There is no host ${id}.`);
      const released = await this.releaseRuns(sql, id, message);
      await sql.query(
        `UPDATE host SET removed_at = now(), session_id = NULL, state = 'not-ready', state_message = 'removed from the workspace',
           generation = generation + 1, resource_version = resource_version + 1
         WHERE id = $1`,
        [id],
      );
      // A placement that committed between the two statements above.
      released.push(...(await this.releaseRuns(sql, id, message)));
      await sql.query('DELETE FROM port_claim WHERE host_id = $1', [id]);
      await this.events.append(sql, [
        { type: 'host.changed', workspaceId, id, data: { change: 'removed', message: 'removed from the workspace', actor } },
      ]);
      return released;
    });
  }

  private toHost(row: HostRow): Host {
    return toHost(row, this.agents.offered(), this.agents.updateLine);
  }

  private async releaseRuns(sql: Sql, hostId: string, message: string): Promise<Released[]> {
    const { rows } = await sql.query<{ attempt_id: string; again: boolean }>(
      `SELECT a.id AS attempt_id, coalesce(r.spec->>'onHostLost' = 'replace', false) AS again
         FROM attempt a JOIN run r ON r.id = a.run_id WHERE a.host_id = $1 AND NOT a.released`,
      [hostId],
    );
    const given = rows.map(({ attempt_id, again }) => ({ attemptId: attempt_id, reason: 'host-removed' as const, message, again }));
    return releaseAttempts(sql, this.events, given);
  }
}

type HostEventChange = Extract<NewEvent, { type: 'host.changed' }>['data']['change'];

function labelsInWords(labels: Labels): string {
  const all = Object.entries(labels).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  return all.length === 0 ? 'all labels taken off' : `labels set to ${all.join(', ')}`;
}
