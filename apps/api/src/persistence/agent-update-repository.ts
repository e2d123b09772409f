/** Updates of agents as people ask for them, look at them and steer them. What they do next is written by agent-update-steps.ts. */
import { BerthError } from '@berth/shared/errors/problem';
import type { AgentBundle as BundleSaid } from '@berth/shared/model/agent-bundle';
import type { AgentUpdate, AgentUpdateSpec } from '@berth/shared/model/agent-update';
import type { HostFacts } from '@berth/shared/model/host';
import type { Labels } from '@berth/shared/model/metadata';
import { Injectable } from '@nestjs/common';
import type { Candidate, PlannedHost } from '../planning/agent-updates/plan-stages.ts';
import { updateRefusal } from '../planning/status/update-refusal.ts';
import { AGENT_UPDATE_COLUMNS, type AgentUpdateRow, toAgentUpdate } from './agent-update-mapper.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import { type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';

export interface NewAgentUpdate {
  id: string;
  workspaceId: string;
  actor: string;
  spec: AgentUpdateSpec;
  version: string;
  sha256: string;
  bytes: number;
  /** What installs an agent anew on a host. */
  line: string;
}

export interface AgentUpdateChange {
  workspaceId: string;
  id: string;
  actor: string;
}

/** In the words of the events. */
const STEERED = {
  pause: { from: ['running'], to: 'paused', message: 'paused: what has begun goes on to its end, nothing more begins' },
  resume: { from: ['paused'], to: 'running', message: 'goes on' },
  cancel: { from: ['running', 'paused'], to: 'cancelled', message: 'cancelled: what has begun goes on to its end' },
} as const;
export type Steering = keyof typeof STEERED;

@Injectable()
export class AgentUpdateRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  /** Returns its id, or that of the earlier request with this key. `plan` may throw where there is nothing to be done. */
  async create(update: NewAgentUpdate, plan: (candidates: Candidate[]) => PlannedHost[], claim?: IdempotencyClaim): Promise<string> {
    const { id, workspaceId, actor, spec, version, sha256, bytes } = update;
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, workspaceId, claim, id));
      if (earlier) return earlier.resourceId;
      // A host is in one update at a time: two that are asked for at once come one after the other.
      await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('agent-update:' || $1, 0))", [workspaceId]);
      const hosts = plan(await this.candidates(sql, update));
      const [staged, stages] = [hosts.filter(({ stage }) => stage > 0).length, Math.max(...hosts.map(({ stage }) => stage))];
      const message = `${staged === 1 ? '1 host' : `${staged} hosts`} in ${stages === 1 ? '1 stage' : `${stages} stages`}`;
      await sql.query(
        `INSERT INTO agent_update (id, workspace_id, actor, spec, version, sha256, bytes, message, pause_at_failures)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        [id, workspaceId, actor, JSON.stringify(spec), version, sha256, bytes, message, spec.stopAfterFailures],
      );
      await sql.query(
        `INSERT INTO agent_update_host (update_id, host_id, host_name, stage, state, message, from_version)
         SELECT $1, h."hostId", h."hostName", h.stage, h.state, h.message, h."fromVersion"
           FROM json_to_recordset($2::json) AS h("hostId" text, "hostName" text, stage int, state text, message text, "fromVersion" text)`,
        [id, JSON.stringify(hosts)],
      );
      const requested = hosts.flatMap(({ hostId, stage }): NewEvent[] =>
        stage === 0
          ? []
          : [
              {
                type: 'host.changed',
                workspaceId,
                id: hostId,
                data: { change: 'update-requested', message: `its agent is to be updated to version ${version}`, actor },
              },
            ],
      );
      await this.events.append(sql, [
        { type: 'agent-update.changed', workspaceId, id, data: { state: 'running', message, actor } },
        ...requested,
      ]);
      return id;
    });
  }

  /** Null: not in this workspace. */
  async get(workspaceId: string, id: string): Promise<AgentUpdate | null> {
    const { rows } = await this.database.sql.query<AgentUpdateRow>(
      `SELECT ${AGENT_UPDATE_COLUMNS} FROM agent_update p JOIN workspace w ON w.id = p.workspace_id WHERE p.workspace_id = $1 AND p.id = $2`,
      [workspaceId, id],
    );
    return rows[0] ? toAgentUpdate(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`: the one too many says that there is a next page. */
  async list(workspaceId: string, { limit, before }: { limit: number; before?: string }): Promise<AgentUpdate[]> {
    const { rows } = await this.database.sql.query<AgentUpdateRow>(
      `SELECT ${AGENT_UPDATE_COLUMNS} FROM agent_update p JOIN workspace w ON w.id = p.workspace_id
        WHERE p.workspace_id = $1 AND ($2::text IS NULL OR p.id < $2) ORDER BY p.id DESC LIMIT $3`,
      [workspaceId, before ?? null, limit + 1],
    );
    return rows.map(toAgentUpdate);
  }

  /** False: it was so already. Throws `not-found`, and `conflict` where it is over. */
  async steer({ workspaceId, id, actor }: AgentUpdateChange, how: Steering): Promise<boolean> {
    const { from, to, message } = STEERED[how];
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ state: AgentUpdate['status']['state'] }>(
        'SELECT state FROM agent_update WHERE workspace_id = $1 AND id = $2 FOR NO KEY UPDATE',
        [workspaceId, id],
      );
      const state = rows[0]?.state;
      if (state === undefined) throw new BerthError('not-found', `There is no update of agents ${id}.`);
      if (state === to) return false;
      if (!from.some((one) => one === state)) throw new BerthError('conflict', `The update is ${state}: it cannot be ${to} any more.`);
      // Whoever lets it go on has seen the failures so far: as many more are borne.
      await sql.query(
        `UPDATE agent_update p SET state = $2, message = $3, resource_version = resource_version + 1,
                pause_at_failures = CASE WHEN $2 = 'running' THEN (p.spec->>'stopAfterFailures')::int +
                  (SELECT count(*)::int FROM agent_update_host x WHERE x.update_id = p.id AND x.state = 'failed') ELSE pause_at_failures END
          WHERE id = $1`,
        [id, to, message],
      );
      await this.events.append(sql, [{ type: 'agent-update.changed', workspaceId, id, data: { state: to, message, actor } }]);
      return true;
    });
  }

  private async candidates(sql: Sql, { workspaceId, line }: NewAgentUpdate): Promise<Candidate[]> {
    const { rows } = await sql.query<{
      id: string;
      name: string;
      labels: Labels;
      state: string;
      state_message: string;
      facts: HostFacts | null;
      protocol: number;
      bundle: BundleSaid | null;
      busy_with: string | null;
    }>(
      `SELECT h.id, h.name, h.labels, h.state, h.state_message, h.facts, h.protocol, h.bundle, x.update_id AS busy_with
         FROM host h LEFT JOIN agent_update_host x ON x.host_id = h.id AND x.state IN ('waiting', 'asking', 'updating')
        WHERE h.workspace_id = $1 AND h.removed_at IS NULL ORDER BY h.id`,
      [workspaceId],
    );
    return rows.map((row) => {
      const fixed = updateRefusal(row.protocol, row.bundle, line);
      return {
        id: row.id,
        name: row.name,
        labels: row.labels,
        ready: row.state === 'ready',
        message: row.state_message,
        sha256: row.bundle?.sha256 ?? null,
        version: row.facts?.agentVersion ?? null,
        fixed: fixed && `${fixed.message}; run there: ${fixed.command}`,
        busyWith: row.busy_with,
      };
    });
  }
}
