/** What workspaces have set. */
import { LOG_RETENTION, type Settings, type UpdateSettings } from '@berth/shared/http/settings';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

@Injectable()
export class SettingsRepository {
  constructor(private readonly database: Database) {}

  async get(workspaceId: string): Promise<Settings> {
    const { rows } = await this.database.sql.query<{ log_max_age_days: number; log_max_bytes: number; hosts_need_approval: boolean }>(
      'SELECT log_max_age_days, log_max_bytes, hosts_need_approval FROM workspace_settings WHERE workspace_id = $1',
      [workspaceId],
    );
    const row = rows[0];
    return {
      logs: row ? { maxAgeDays: row.log_max_age_days, maxBytes: row.log_max_bytes } : { ...LOG_RETENTION },
      hosts: { needApproval: row?.hosts_need_approval ?? false },
    };
  }

  async update(workspaceId: string, { logs = {}, hosts = {} }: UpdateSettings): Promise<void> {
    await this.database.sql.query(
      `INSERT INTO workspace_settings (workspace_id, log_max_age_days, log_max_bytes, hosts_need_approval)
       VALUES ($1, coalesce($2::int, $4::int), coalesce($3::bigint, $5::bigint), coalesce($6, false))
       ON CONFLICT (workspace_id) DO UPDATE
          SET log_max_age_days = coalesce($2::int, workspace_settings.log_max_age_days),
              log_max_bytes = coalesce($3::bigint, workspace_settings.log_max_bytes),
              hosts_need_approval = coalesce($6, workspace_settings.hosts_need_approval)`,
      [
        workspaceId,
        logs.maxAgeDays ?? null,
        logs.maxBytes ?? null,
        LOG_RETENTION.maxAgeDays,
        LOG_RETENTION.maxBytes,
        hosts.needApproval ?? null,
      ],
    );
  }
}
