/** How updates of agents go on: each step from what Postgres says, under the lock of the update, so that no two replicas do it twice. */
import { isDeepStrictEqual } from 'node:util';
import type { BundleUpdate } from '@berth/shared/model/agent-bundle';
import type { AgentUpdate, HostUpdateState } from '@berth/shared/model/agent-update';
import { Injectable } from '@nestjs/common';
import {
  type AgentUpdateInput,
  type AgentUpdatePlan,
  type HostStep,
  UPDATE_SECONDS,
  type UpdatedHost,
} from '../planning/agent-updates/plan-agent-update.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';

/** An agent that gave no answer is asked again after so long; also where the replica that asked died. */
const ASK_AGAIN_SECONDS = 10;
/** So many are asked at once. */
const AT_ONCE = 50;

export interface AskedHost {
  updateId: string;
  workspaceId: string;
  hostId: string;
  hostName: string;
  version: string;
  sha256: string;
  bytes: number;
}

@Injectable()
export class AgentUpdateSteps {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  async unfinished(): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ id: string }>({
      name: 'agent-update-unfinished',
      text: 'SELECT id FROM agent_update WHERE finished_at IS NULL ORDER BY id',
    });
    return rows.map(({ id }) => id);
  }

  /** One step of an update; the workspace that is to be told, or null. One that another replica is at is left to it. */
  async step(id: string, plan: (input: AgentUpdateInput) => AgentUpdatePlan): Promise<string | null> {
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{
        workspace_id: string;
        state: AgentUpdate['status']['state'];
        message: string;
        version: string;
        sha256: string;
        pause_at_failures: number;
        now: Date;
      }>(
        `SELECT workspace_id, state, message, version, sha256, pause_at_failures, now() AS now
           FROM agent_update WHERE id = $1 AND finished_at IS NULL FOR NO KEY UPDATE SKIP LOCKED`,
        [id],
      );
      const update = rows[0];
      if (!update) return null;
      const { state, message, version, sha256 } = update;
      const hosts = await hostsOf(sql, id);
      const planned = plan({ state, version, sha256, pauseAtFailures: update.pause_at_failures, hosts, now: update.now.getTime() });
      const isNews = !isDeepStrictEqual([planned.state, planned.message], [state, message]);
      if (planned.steps.length === 0 && !isNews && !planned.finished) return null;
      await writeSteps(sql, id, planned.steps);
      await sql.query(
        `UPDATE agent_update SET state = $2, message = $3, finished_at = CASE WHEN $4 THEN now() END, resource_version = resource_version + 1
          WHERE id = $1`,
        [id, planned.state, planned.message, planned.finished],
      );
      const workspaceId = update.workspace_id;
      await this.events.append(sql, [
        ...planned.steps.flatMap((step) => hostEvent(workspaceId, step)),
        { type: 'agent-update.changed', workspaceId, id, data: { state: planned.state, message: planned.message } },
      ]);
      return workspaceId;
    });
  }

  /** Hosts whose agents are to be asked, each by one replica at a time. */
  async claim(): Promise<AskedHost[]> {
    const { rows } = await this.database.sql.query<{
      update_id: string;
      workspace_id: string;
      host_id: string;
      host_name: string;
      version: string;
      sha256: string;
      bytes: number;
    }>({
      name: 'agent-update-claim',
      text: `UPDATE agent_update_host x SET asked_at = now() FROM agent_update p
        WHERE p.id = x.update_id AND (x.update_id, x.host_id) IN (
          SELECT y.update_id, y.host_id FROM agent_update_host y JOIN host h ON h.id = y.host_id
           WHERE y.state = 'asking' AND h.state = 'ready' AND (y.asked_at IS NULL OR y.asked_at < now() - make_interval(secs => $1))
           ORDER BY y.update_id, y.host_id LIMIT $2 FOR NO KEY UPDATE OF y SKIP LOCKED)
        RETURNING x.update_id, p.workspace_id, x.host_id, x.host_name, p.version, p.sha256, p.bytes`,
      values: [ASK_AGAIN_SECONDS, AT_ONCE],
    });
    return rows.map((row) => ({
      updateId: row.update_id,
      workspaceId: row.workspace_id,
      hostId: row.host_id,
      hostName: row.host_name,
      version: row.version,
      sha256: row.sha256,
      bytes: row.bytes,
    }));
  }

  /** Its agent has begun. */
  async begun({ updateId, hostId, version }: AskedHost): Promise<void> {
    await this.database.sql.query(
      `UPDATE agent_update_host SET state = 'updating', message = $3, changed_at = now(), deadline_at = now() + make_interval(secs => $4)
        WHERE update_id = $1 AND host_id = $2 AND state IN ('waiting', 'asking')`,
      [updateId, hostId, `its agent fetches version ${version}`, UPDATE_SECONDS],
    );
  }

  /** Its agent would not. */
  async refused({ updateId, workspaceId, hostId }: AskedHost, message: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      const { rowCount } = await sql.query(
        `UPDATE agent_update_host SET state = 'failed', message = $3, changed_at = now(), deadline_at = NULL
          WHERE update_id = $1 AND host_id = $2 AND state = 'asking'`,
        [updateId, hostId, message],
      );
      if (rowCount === 1) await this.events.append(sql, hostEvent(workspaceId, { hostId, state: 'failed', message, deadline: null }));
    });
  }

  /** What an agent says of its last update, with every handshake. One that had its new version and gave it up has failed after all. */
  async heard(hostId: string, { id, state, message }: BundleUpdate): Promise<boolean> {
    if (state !== 'failed') return false;
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ workspace_id: string }>(
        `UPDATE agent_update_host x SET state = 'failed', message = $3, changed_at = now() FROM agent_update p
          WHERE x.update_id = $2 AND x.host_id = $1 AND x.state = 'done' AND p.id = x.update_id RETURNING p.workspace_id`,
        [hostId, id, message],
      );
      const workspaceId = rows[0]?.workspace_id;
      if (workspaceId === undefined) return false;
      await this.events.append(sql, hostEvent(workspaceId, { hostId, state: 'failed', message, deadline: null }));
      return true;
    });
  }
}

async function hostsOf(sql: Sql, id: string): Promise<UpdatedHost[]> {
  const { rows } = await sql.query<{
    host_id: string;
    host_name: string;
    stage: number;
    state: HostUpdateState;
    message: string;
    deadline_at: Date | null;
    removed: boolean;
    ready: boolean;
    host_message: string;
    sha256: string | null;
    said: BundleUpdate | null;
  }>(
    `SELECT x.host_id, x.host_name, x.stage, x.state, x.message, x.deadline_at, h.removed_at IS NOT NULL AS removed, h.state = 'ready' AS ready,
            h.state_message AS host_message, h.bundle->>'sha256' AS sha256,
            CASE WHEN h.bundle->'update'->>'id' = x.update_id THEN h.bundle->'update' END AS said
       FROM agent_update_host x JOIN host h ON h.id = x.host_id WHERE x.update_id = $1 ORDER BY x.stage, x.host_name`,
    [id],
  );
  return rows.map((row) => ({
    hostId: row.host_id,
    hostName: row.host_name,
    stage: row.stage,
    state: row.state,
    message: row.message,
    deadline: row.deadline_at?.getTime() ?? null,
    removed: row.removed,
    ready: row.ready,
    hostMessage: row.host_message,
    sha256: row.sha256,
    said: row.said,
  }));
}

/** One that began to update while this was planned stays so. */
async function writeSteps(sql: Sql, id: string, steps: readonly HostStep[]): Promise<void> {
  if (steps.length === 0) return;
  await sql.query(
    `UPDATE agent_update_host x SET state = s.state, message = s.message, changed_at = now(), deadline_at = to_timestamp(s.deadline / 1000.0)
       FROM json_to_recordset($2::json) AS s("hostId" text, state text, message text, deadline bigint)
      WHERE x.update_id = $1 AND x.host_id = s."hostId" AND NOT (x.state = 'updating' AND s.state IN ('waiting', 'asking', 'cancelled'))`,
    [id, JSON.stringify(steps)],
  );
}

function hostEvent(workspaceId: string, { hostId, state, message }: HostStep): NewEvent[] {
  if (state !== 'done' && state !== 'failed') return [];
  const data =
    state === 'done'
      ? { change: 'update-done' as const, message: `its agent was updated: ${message}` }
      : { change: 'update-failed' as const, message: `the update of its agent failed: ${message}` };
  return [{ type: 'host.changed', workspaceId, id: hostId, data }];
}
