/** What the hosts of a workspace allow. */
import type { HostPolicy } from '@berth/shared/model/host-policy';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

export interface PolicyOfHost {
  name: string;
  policy: HostPolicy | null;
  /** Its agent has connected once: what it allows is known. */
  known: boolean;
}

@Injectable()
export class PolicyRepository {
  /** Questions under way, by workspace: a burst of creates asks once. */
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly database: Database) {}

  async ofHosts(workspaceId: string): Promise<PolicyOfHost[]> {
    const { rows } = await this.database.sql.query<PolicyOfHost>({
      name: 'host-policies',
      text: `SELECT name, policy, protocol > 0 AS known FROM host WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY name`,
      values: [workspaceId],
    });
    return rows;
  }

  /** Whether a host of the workspace refuses ordinary runs: those of some registries, or without limits. */
  limitsAny(workspaceId: string): Promise<boolean> {
    const asking = this.asking.get(workspaceId) ?? this.askLimits(workspaceId).finally(() => this.asking.delete(workspaceId));
    this.asking.set(workspaceId, asking);
    return asking;
  }

  private async askLimits(workspaceId: string): Promise<boolean> {
    const { rows } = await this.database.sql.query<{ limits: boolean }>({
      name: 'host-policy-limits',
      text: `SELECT EXISTS (SELECT 1 FROM host WHERE workspace_id = $1 AND removed_at IS NULL AND (
               policy->>'registries' IS NOT NULL OR policy->>'mostCpuMillis' IS NOT NULL OR policy->>'mostMemoryBytes' IS NOT NULL)) AS limits`,
      values: [workspaceId],
    });
    return rows[0]?.limits ?? false;
  }
}
