/** Sessions of agents: who may report for a host. */
import type { AgentBundle } from '@berth/shared/model/agent-bundle';
import type { HostFacts } from '@berth/shared/model/host';
import type { HostPolicy } from '@berth/shared/model/host-policy';
import type { LogOffsets } from '@berth/shared/protocol/agent';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

export interface KnownHost {
  id: string;
  workspaceId: string;
  name: string;
  /** ed25519, SPKI, PEM. */
  publicKey: string;
  /** One that may take its place. */
  nextPublicKey: string | null;
  keyRevokedAt: Date | null;
  /** Null: not known yet. */
  engineId: string | null;
}

export interface NewSession {
  hostId: string;
  sessionId: string;
  instanceId: string;
  /** Where it dials from. */
  address: string;
  /** How far the clock of the host is ahead; null: not said. */
  clockOffsetMs: number | null;
  /** The version that its agent speaks. */
  protocol: number;
  facts: HostFacts;
  engine: { ready: boolean; message: string };
  images: readonly string[];
  /** Null: an agent that does not know of policies. */
  policy: HostPolicy | null;
  /** Null: an agent that does not say. */
  bundle: AgentBundle | null;
}

@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  /** Null: enrolled nowhere, or removed. */
  async find(hostId: string): Promise<KnownHost | null> {
    const { rows } = await this.database.sql.query<{
      id: string;
      workspace_id: string;
      name: string;
      public_key: string;
      next_public_key: string | null;
      key_revoked_at: Date | null;
      engine_id: string | null;
    }>(
      'SELECT id, workspace_id, name, public_key, next_public_key, key_revoked_at, engine_id FROM host WHERE id = $1 AND removed_at IS NULL',
      [hostId],
    );
    const row = rows[0];
    if (!row) return null;
    const keys = { publicKey: row.public_key, nextPublicKey: row.next_public_key, keyRevokedAt: row.key_revoked_at };
    return { id: row.id, workspaceId: row.workspace_id, name: row.name, engineId: row.engine_id, ...keys };
  }

  /**
   * The host has another engine than was known. Of the workspaces that share one, the first alone may use its default network: those who
   * come at the same moment come one after the other. A host that was removed counts, for what it ran may run still.
   */
  async settleEngine(hostId: string, engineId: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('engine ' || $1, 0))", [engineId]);
      await sql.query(
        `UPDATE host h SET engine_id = $2, resource_version = resource_version + 1,
                shares_engine = EXISTS (SELECT 1 FROM host o WHERE o.engine_id = $2 AND o.workspace_id <> h.workspace_id)
          WHERE h.id = $1`,
        [hostId, engineId],
      );
    });
  }

  /** From now on only this session may report; returns the instance of the session before, null where there was none. */
  async open({
    hostId,
    sessionId,
    instanceId,
    address,
    clockOffsetMs,
    protocol,
    facts,
    engine,
    images,
    policy,
    bundle,
  }: NewSession): Promise<{ replacedInstanceId: string | null }> {
    const { rows } = await this.database.sql.query<{ before: string | null }>(
      `WITH before AS (SELECT id, instance_id, session_id FROM host WHERE id = $1 FOR NO KEY UPDATE)
       UPDATE host h
          SET session_id = $2, instance_id = $3, facts = $4, engine_ready = $5, engine_message = $6, images = $7, last_seen_at = now(),
              platform = $8, cpu_millis = $9, memory_bytes = $10, protocol = $11, policy = $12, bundle = $13, address = $14, clock_offset_ms = $15,
              resource_version = h.resource_version + 1
         FROM before b WHERE h.id = b.id
       RETURNING CASE WHEN b.session_id IS NULL THEN NULL ELSE b.instance_id END AS before`,
      [
        hostId,
        sessionId,
        instanceId,
        JSON.stringify(facts),
        engine.ready,
        engine.message,
        images,
        facts.platform,
        facts.cpuMillis,
        facts.memoryBytes,
        protocol,
        policy === null ? null : JSON.stringify(policy),
        bundle === null ? null : JSON.stringify(bundle),
        address,
        clockOffsetMs,
      ],
    );
    return { replacedInstanceId: rows[0]?.before ?? null };
  }

  /** How much of each stream is stored, of the attempts that are assigned to the host. */
  async logOffsets(hostId: string): Promise<LogOffsets[]> {
    const { rows } = await this.database.sql.query<{ id: string; stdout_bytes: number; stderr_bytes: number }>(
      'SELECT id, stdout_bytes, stderr_bytes FROM attempt WHERE host_id = $1 AND NOT released',
      [hostId],
    );
    return rows.map((row) => ({ attemptId: row.id, stdout: row.stdout_bytes, stderr: row.stderr_bytes }));
  }
}
