/** Rows of hosts and join tokens → resources. */
import type { DrainProgress } from '@berth/shared/model/drain';
import type { Host, HostFacts, HostState, JoinToken } from '@berth/shared/model/host';
import type { Labels } from '@berth/shared/model/metadata';
import { hostWaitingOf } from '../planning/status/host-state.ts';
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
  resource_version: number;
  created_at: Date;
}

/** Of `host h join workspace w` and the sums of ALLOCATED as `u`. */
export const HOST_COLUMNS = `h.id, w.slug AS workspace_slug, h.name, h.labels, h.facts, h.state, h.state_message, h.state_since, h.loss_due_at, h.loss_braked,
  h.gone_by, h.drain_since, h.drain_by, h.drain, h.drained_at, h.last_seen_at, h.cpu_millis,
  h.memory_bytes, u.cpu AS used_cpu_millis, u.memory AS used_memory_bytes, u.runs AS used_runs, h.resource_version, h.created_at`;

/** What the attempts that are not at an end reserve on a host. */
export const ALLOCATED = `SELECT coalesce(sum(a.cpu_millis), 0)::bigint AS cpu, coalesce(sum(a.memory_bytes), 0)::bigint AS memory, count(*)::int AS runs
  FROM attempt a WHERE a.host_id = h.id AND NOT a.released`;

export function toHost(row: HostRow): Host {
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
    spec: {},
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
    },
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
