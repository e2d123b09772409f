/** Hosts as their readers see them, and their removal. What agents say of them is written by the liveness repository. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Host, HostState } from '@berth/shared/model/host';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import { ALLOCATED, HOST_COLUMNS, type HostRow, toHost } from './host-mapper.ts';
import { Where } from './where.ts';

const FROM_HOST = `FROM host h JOIN workspace w ON w.id = h.workspace_id CROSS JOIN LATERAL (${ALLOCATED}) u`;

export interface ListHosts {
  limit: number;
  before?: string;
  state?: HostState;
  label?: string[];
  name?: string;
}

@Injectable()
export class HostRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /** Null: not in this workspace, or removed. */
  async get(workspaceId: string, id: string): Promise<Host | null> {
    const { rows } = await this.database.sql.query<HostRow>(
      `SELECT ${HOST_COLUMNS} ${FROM_HOST} WHERE h.workspace_id = $1 AND h.id = $2 AND h.removed_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ? toHost(rows[0]) : null;
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
    return rows.map(toHost);
  }

  /**
   * Takes the host out of the workspace: its active runs are lost, its ports free, its agent refused from now on.
   * Returns the runs that were lost. Locks runs, then attempts, then the host, as everybody does.
   */
  async remove(workspaceId: string, id: string, actor: string): Promise<{ lostRunIds: string[] }> {
    return this.database.transaction(async (sql) => {
      const message = `its host was removed from the workspace by ${actor}`;
      await sql.query(
        `SELECT 1 FROM run WHERE id IN (SELECT run_id FROM attempt WHERE host_id = $1 AND workspace_id = $2 AND NOT released)
         ORDER BY id FOR UPDATE`,
        [id, workspaceId],
      );
      const known = await sql.query('SELECT 1 FROM host WHERE workspace_id = $1 AND id = $2 AND removed_at IS NULL', [workspaceId, id]);
      if (known.rowCount === 0) throw new BerthError('not-found', `There is no host ${id}.`);
      const lost = await this.loseRuns(sql, id, message);
      await sql.query(
        `UPDATE host SET removed_at = now(), session_id = NULL, state = 'not-ready', state_message = 'removed from the workspace',
           generation = generation + 1, resource_version = resource_version + 1
         WHERE id = $1`,
        [id],
      );
      // A placement that committed between the two statements above.
      lost.push(...(await this.loseRuns(sql, id, message)));
      await sql.query('DELETE FROM port_claim WHERE host_id = $1', [id]);
      await this.events.append(sql, [
        ...lost.map(
          ({ run_id, attempt_id }): NewEvent => ({
            type: 'run.phase',
            workspaceId,
            id: run_id,
            data: { phase: 'lost', reason: 'host-removed', message, attemptId: attempt_id, hostId: id, exitCode: null },
          }),
        ),
        { type: 'host.changed', workspaceId, id, data: { change: 'removed', message: `removed by ${actor}` } },
      ]);
      return { lostRunIds: lost.map((row) => row.run_id) };
    });
  }

  private async loseRuns(sql: Sql, hostId: string, message: string) {
    const lost = `phase = 'lost', reason = 'host-removed', message = $2, finished_at = now(),
      phase_times = t.phase_times || jsonb_build_object('lost', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))`;
    const { rows } = await sql.query<{ run_id: string; attempt_id: string }>(
      `WITH ended AS (
         UPDATE attempt t SET ${lost}, released = true,
           changed_generation = (SELECT generation FROM host WHERE id = $1)
         WHERE host_id = $1 AND NOT released RETURNING t.id, t.run_id
       )
       UPDATE run t SET ${lost}, waiting = NULL, observed_generation = t.generation, resource_version = t.resource_version + 1
       FROM ended WHERE t.id = ended.run_id AND t.attempt_id = ended.id RETURNING t.id AS run_id, ended.id AS attempt_id`,
      [hostId, message],
    );
    return rows;
  }
}
