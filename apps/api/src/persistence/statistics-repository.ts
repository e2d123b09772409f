/** Figures over all workspaces, for the operator's metrics. Only what small indexes answer: never a walk over all runs. */
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

export interface Statistics {
  runs: { phase: string; count: number }[];
  hosts: { state: string; count: number }[];
  connectedAgents: number;
}

@Injectable()
export class StatisticsRepository {
  constructor(private readonly database: Database) {}

  async now(): Promise<Statistics> {
    const { sql } = this.database;
    const [runs, hosts] = await Promise.all([
      sql.query<{ phase: string; count: number }>(
        `SELECT 'queued' AS phase, count(*)::int AS count FROM run WHERE stage = 'queued' AND deleted_at IS NULL
         UNION ALL SELECT phase, count(*)::int FROM attempt WHERE NOT released GROUP BY phase`,
      ),
      sql.query<{ state: string; count: number; connected: number }>(
        'SELECT state, count(*)::int AS count, count(session_id)::int AS connected FROM host WHERE removed_at IS NULL GROUP BY state',
      ),
    ]);
    return {
      runs: runs.rows,
      hosts: hosts.rows.map(({ state, count }) => ({ state, count })),
      connectedAgents: hosts.rows.reduce((sum, row) => sum + row.connected, 0),
    };
  }

  /** Throws where Postgres does not answer. */
  async ping(): Promise<void> {
    await this.database.sql.query('SELECT 1');
  }
}
