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

export interface RunRules {
  /** A host of the workspace refuses ordinary runs: those of some registries, or without limits. */
  limitOrdinary: boolean;
  /** Runs that name no network are in the private one of the workspace. */
  runsApart: boolean;
}

@Injectable()
export class PolicyRepository {
  /** Questions under way, by workspace: a burst of creates asks once. */
  private readonly asking = new Map<string, Promise<RunRules>>();

  constructor(private readonly database: Database) {}

  async ofHosts(workspaceId: string): Promise<PolicyOfHost[]> {
    const { rows } = await this.database.sql.query<PolicyOfHost>({
      name: 'host-policies',
      text: `SELECT name, policy, protocol > 0 AS known FROM host WHERE workspace_id = $1 AND removed_at IS NULL ORDER BY name`,
      values: [workspaceId],
    });
    return rows;
  }

  /** What every create needs to know: those of one moment share an answer. */
  rulesFor(workspaceId: string): Promise<RunRules> {
    const asking = this.asking.get(workspaceId) ?? this.askRules(workspaceId).finally(() => this.asking.delete(workspaceId));
    this.asking.set(workspaceId, asking);
    return asking;
  }

  private async askRules(workspaceId: string): Promise<RunRules> {
    const { rows } = await this.database.sql.query<{ limits: boolean; apart: boolean | null }>({
      name: 'run-rules',
      text: `SELECT EXISTS (SELECT 1 FROM host WHERE workspace_id = $1 AND removed_at IS NULL AND (
               policy->>'registries' IS NOT NULL OR policy->>'mostCpuMillis' IS NOT NULL OR policy->>'mostMemoryBytes' IS NOT NULL)) AS limits,
             (SELECT runs_apart FROM workspace_settings WHERE workspace_id = $1) AS apart`,
      values: [workspaceId],
    });
    return { limitOrdinary: rows[0]?.limits ?? false, runsApart: rows[0]?.apart ?? false };
  }
}
