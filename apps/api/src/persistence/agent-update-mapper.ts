/** Rows of updates of agents → resources. */
import { type AgentUpdate, type AgentUpdateSpec, type HostUpdateState, isUnderWay } from '@berth/shared/model/agent-update';
import { isoOrNull } from './run-mapper.ts';

export interface AgentUpdateRow {
  id: string;
  workspace_slug: string;
  actor: string;
  spec: AgentUpdateSpec;
  version: string;
  state: AgentUpdate['status']['state'];
  message: string;
  resource_version: number;
  created_at: Date;
  finished_at: Date | null;
  hosts: AgentUpdateHostJson[];
}

/** As Postgres makes JSON of it. */
export interface AgentUpdateHostJson {
  host_id: string;
  host_name: string;
  stage: number;
  state: HostUpdateState;
  message: string;
  from_version: string | null;
  deadline_at: string | null;
}

/** `p` is the update, `w` its workspace. */
export const AGENT_UPDATE_COLUMNS = `p.id, w.slug AS workspace_slug, p.actor, p.spec, p.version, p.state, p.message, p.resource_version, p.created_at, p.finished_at,
  (SELECT coalesce(json_agg(x ORDER BY x.stage = 0, x.stage, x.host_name), '[]') FROM agent_update_host x WHERE x.update_id = p.id) AS hosts`;

export function toAgentUpdate(row: AgentUpdateRow): AgentUpdate {
  const count = (fits: (state: HostUpdateState) => boolean) => row.hosts.filter(({ state }) => fits(state)).length;
  const stages = row.hosts.map(({ stage }) => stage);
  const underWay = row.hosts.filter(({ state }) => isUnderWay(state));
  return {
    kind: 'AgentUpdate',
    metadata: {
      id: row.id,
      name: row.id,
      workspace: row.workspace_slug,
      labels: {},
      generation: 1,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: row.spec,
    status: {
      state: row.state,
      message: row.message,
      actor: row.actor,
      version: row.version,
      stages: Math.max(0, ...stages),
      stage: underWay.length === 0 ? null : Math.min(...underWay.map(({ stage }) => stage)),
      counts: {
        total: row.hosts.length,
        underWay: underWay.length,
        done: count((state) => state === 'done'),
        failed: count((state) => state === 'failed'),
        skipped: count((state) => state === 'skipped'),
      },
      finishedAt: isoOrNull(row.finished_at),
      hosts: row.hosts.map((host) => ({
        hostId: host.host_id,
        hostName: host.host_name,
        stage: host.stage,
        state: host.state,
        message: host.message,
        fromVersion: host.from_version,
        deadline: host.deadline_at === null ? null : new Date(host.deadline_at).toISOString(),
      })),
    },
  };
}
