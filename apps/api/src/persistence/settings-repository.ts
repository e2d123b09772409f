/** What workspaces have set. */
import { LOG_RETENTION, type Settings, type UpdateSettings } from '@berth/shared/http/settings';
import type { Strategy } from '@berth/shared/model/placement-rules';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

interface Row {
  log_max_age_days: number;
  log_max_bytes: number;
  placement_strategy: Strategy;
  most_runs_at_once: number | null;
  hosts_need_approval: boolean;
  volumes_by_runs: boolean;
  runs_apart: boolean;
}

@Injectable()
export class SettingsRepository {
  constructor(private readonly database: Database) {}

  async get(workspaceId: string): Promise<Settings> {
    const { rows } = await this.database.sql.query<Row>(
      `SELECT log_max_age_days, log_max_bytes, placement_strategy, most_runs_at_once, hosts_need_approval, volumes_by_runs,
              runs_apart
         FROM workspace_settings WHERE workspace_id = $1`,
      [workspaceId],
    );
    const row = rows[0];
    return {
      logs: row ? { maxAgeDays: row.log_max_age_days, maxBytes: row.log_max_bytes } : { ...LOG_RETENTION },
      placement: { strategy: row?.placement_strategy ?? 'spread', mostAtOnce: row?.most_runs_at_once ?? null },
      hosts: { needApproval: row?.hosts_need_approval ?? false },
      volumes: { madeByRuns: row?.volumes_by_runs ?? true },
      networks: { runs: row?.runs_apart ? 'workspace' : 'engine' },
    };
  }

  async update(workspaceId: string, { logs = {}, placement = {}, hosts = {}, volumes = {}, networks = {} }: UpdateSettings): Promise<void> {
    await this.database.sql.query(
      `INSERT INTO workspace_settings (workspace_id, log_max_age_days, log_max_bytes, placement_strategy, most_runs_at_once, hosts_need_approval,
                                       volumes_by_runs, runs_apart)
       VALUES ($1, coalesce($2::int, $4::int), coalesce($3::bigint, $5::bigint), coalesce($6::text, 'spread'), $8::int, coalesce($9::bool, false),
               coalesce($10::bool, true), coalesce($11::bool, false))
       ON CONFLICT (workspace_id) DO UPDATE
          SET log_max_age_days = coalesce($2::int, workspace_settings.log_max_age_days),
              log_max_bytes = coalesce($3::bigint, workspace_settings.log_max_bytes),
              placement_strategy = coalesce($6::text, workspace_settings.placement_strategy),
              most_runs_at_once = CASE WHEN $7::bool THEN $8::int ELSE workspace_settings.most_runs_at_once END,
              hosts_need_approval = coalesce($9::bool, workspace_settings.hosts_need_approval),
              volumes_by_runs = coalesce($10::bool, workspace_settings.volumes_by_runs),
              runs_apart = coalesce($11::bool, workspace_settings.runs_apart)`,
      [
        workspaceId,
        logs.maxAgeDays ?? null,
        logs.maxBytes ?? null,
        LOG_RETENTION.maxAgeDays,
        LOG_RETENTION.maxBytes,
        placement.strategy ?? null,
        placement.mostAtOnce !== undefined,
        placement.mostAtOnce ?? null,
        hosts.needApproval ?? null,
        volumes.madeByRuns ?? null,
        networks.runs === undefined ? null : networks.runs === 'workspace',
      ],
    );
  }
}
