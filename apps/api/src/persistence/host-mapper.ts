/** Rows of hosts and join tokens → resources. */
import type { AgentBundle } from '@berth/shared/model/agent-bundle';
import type { HostUpdateState } from '@berth/shared/model/agent-update';
import type { DrainProgress } from '@berth/shared/model/drain';
import type { Host, HostFacts, HostState, JoinToken } from '@berth/shared/model/host';
import type { HostPolicy } from '@berth/shared/model/host-policy';
import type { Labels } from '@berth/shared/model/metadata';
import { hostWaitingOf } from '../planning/status/host-state.ts';
import { updateRefusal } from '../planning/status/update-refusal.ts';
import { type OfferedAgent, skewOf } from '../planning/status/version-skew.ts';
import { isoOrNull } from './run-mapper.ts';

export interface HostRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  facts: HostFacts | null;
  state: HostState;
  state_message: string;
  state_since: Date;
  loss_due_at: Date | null;
  loss_braked: boolean;
  gone_by: string | null;
  drain_since: Date | null;
  drain_by: string | null;
  drain: DrainProgress | null;
  drained_at: Date | null;
  last_seen_at: Date | null;
  cpu_millis: number;
  memory_bytes: number;
  used_cpu_millis: number;
  used_memory_bytes: number;
  used_runs: number;
  live_cpu_millis: number | null;
  live_memory_bytes: number | null;
  live_at: Date | null;
  key_changed_at: Date;
  key_revoked_at: Date | null;
  approved: boolean;
  clock_offset_ms: number | null;
  shares_engine: boolean;
  cordoned: boolean;
  cordoned_at: Date | null;
  cordoned_by: string | null;
  protocol: number;
  policy: HostPolicy | null;
  bundle: AgentBundle | null;
  update_id: string | null;
  update_state: HostUpdateState;
  update_version: string;
  update_message: string;
  update_by: string;
  update_at: Date;
  resource_version: number;
  created_at: Date;
}

/** Of `host h join workspace w`, the sums of ALLOCATED as `u`, those of USED as `s`, and LAST_UPDATE as `l`. */
export const HOST_COLUMNS = `h.id, w.slug AS workspace_slug, h.name, h.labels, h.facts, h.state, h.state_message, h.state_since, h.loss_due_at, h.loss_braked,
  h.gone_by, h.drain_since, h.drain_by, h.drain, h.drained_at, h.last_seen_at, h.cpu_millis,
  h.memory_bytes, u.cpu AS used_cpu_millis, u.memory AS used_memory_bytes, u.runs AS used_runs, s.cpu AS live_cpu_millis, s.memory AS live_memory_bytes, s.at AS live_at,
  h.key_changed_at, h.key_revoked_at, h.approved, h.shares_engine, h.clock_offset_ms, h.cordoned, h.cordoned_at, h.cordoned_by, h.protocol, h.policy, h.bundle, h.resource_version, h.created_at,
  l.update_id, l.update_state, l.update_version, l.update_message, l.update_by, l.update_at`;

/** What the attempts that are not at an end reserve on a host. */
export const ALLOCATED = `SELECT coalesce(sum(a.cpu_millis), 0)::bigint AS cpu, coalesce(sum(a.memory_bytes), 0)::bigint AS memory, count(*)::int AS runs
  FROM attempt a WHERE a.host_id = h.id AND NOT a.released`;

/** What its active runs use, by the newest sample of each that is not older than it may be when the next one is late. */
export const USED = `SELECT sum(x.cpu_millis) AS cpu, sum(x.memory_bytes) AS memory, max(x.at) AS at
  FROM attempt a CROSS JOIN LATERAL (
    SELECT cpu_millis, memory_bytes, at FROM run_sample
     WHERE run_id = a.run_id AND step = 10 AND at > now() - interval '30 seconds' ORDER BY at DESC LIMIT 1) x
 WHERE a.host_id = h.id AND NOT a.released`;

/** The newest update of its agent. */
export const LAST_UPDATE = `SELECT p.id AS update_id, x.state AS update_state, p.version AS update_version, x.message AS update_message, p.actor AS update_by,
       x.changed_at AS update_at
  FROM agent_update_host x JOIN agent_update p ON p.id = x.update_id WHERE x.host_id = h.id ORDER BY x.update_id DESC LIMIT 1`;

/** `line`: what installs the agent anew on a host. */
export function toHost(row: HostRow, offered: OfferedAgent | null, line: string): Host {
  return {
    kind: 'Host',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: 1,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: { cordoned: row.cordoned },
    status: {
      state: row.state,
      message: row.state_message,
      waiting: hostWaitingOf({
        state: row.state,
        message: row.state_message,
        everSeen: row.last_seen_at !== null,
        since: row.state_since.toISOString(),
        lossDueAt: isoOrNull(row.loss_due_at),
        braked: row.loss_braked,
        goneBy: row.gone_by,
      }),
      drain: drainOf(row),
      lastSeenAt: isoOrNull(row.last_seen_at),
      facts: row.facts,
      capacity: { cpuMillis: row.cpu_millis, memoryBytes: row.memory_bytes },
      allocated: { cpuMillis: row.used_cpu_millis, memoryBytes: row.used_memory_bytes, runs: row.used_runs },
      clockOffsetSeconds: row.clock_offset_ms === null ? null : Math.round(row.clock_offset_ms / 100) / 10,
      used:
        row.live_at === null
          ? null
          : { cpuMillis: row.live_cpu_millis ?? 0, memoryBytes: row.live_memory_bytes ?? 0, at: row.live_at.toISOString() },
      sharesEngine: row.shares_engine,
      approved: row.approved,
      cordon: row.cordoned ? { since: (row.cordoned_at ?? row.created_at).toISOString(), actor: row.cordoned_by ?? '' } : null,
      key: { changedAt: row.key_changed_at.toISOString(), revokedAt: isoOrNull(row.key_revoked_at) },
      policy: row.policy,
      agent: {
        ...skewOf(row.facts?.agentVersion ?? null, row.protocol, row.bundle?.sha256 ?? null, offered),
        fixed: updateRefusal(row.protocol, row.bundle, line),
        update: updateOf(row),
      },
    },
  };
}

function updateOf(row: HostRow): Host['status']['agent']['update'] {
  if (row.update_id === null) return null;
  return {
    id: row.update_id,
    state: row.update_state,
    version: row.update_version,
    message: row.update_message,
    actor: row.update_by,
    at: row.update_at.toISOString(),
  };
}

/** Until the first step of a drain nothing is known of what it holds up. */
function drainOf({ drain_since, drain_by, drain, drained_at, used_runs }: HostRow): Host['status']['drain'] {
  if (drain_since === null) return null;
  const progress = drain ?? { total: used_runs, left: used_runs, moving: 0, holds: [] };
  return { since: drain_since.toISOString(), actor: drain_by ?? '', drainedAt: isoOrNull(drained_at), ...progress };
}

export interface JoinTokenRow {
  id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  max_uses: number | null;
  uses: number;
  expires_at: Date | null;
  revoked_at: Date | null;
  created_at: Date;
}

export function toJoinToken(row: JoinTokenRow): JoinToken {
  return {
    kind: 'JoinToken',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: 1,
      // Uses and revocation are all that changes; both only move one way.
      resourceVersion: `${row.uses}${row.revoked_at === null ? '' : 'r'}`,
      createdAt: row.created_at.toISOString(),
    },
    spec: { expiresAt: isoOrNull(row.expires_at), maxUses: row.max_uses },
    status: { uses: row.uses, revokedAt: isoOrNull(row.revoked_at) },
  };
}
