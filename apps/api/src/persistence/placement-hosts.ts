/** Hosts as the scheduler judges them: what they are, what is reserved on them, and their claimed ports. */
import type { HostPolicy } from '@berth/shared/model/host-policy';
import type { Labels } from '@berth/shared/model/metadata';
import type { CandidateHost, Protocol } from '../planning/scheduler/model.ts';
import type { Sql } from './database.ts';

/** A host without what others do to it. */
type KnownHost = Omit<CandidateHost, 'reserved' | 'claims'>;

interface HostRow {
  id: string;
  name: string;
  labels: Labels;
  state: string;
  state_message: string;
  session_id: string | null;
  engine_ready: boolean;
  draining: boolean;
  approved: boolean;
  cordoned: boolean;
  policy: HostPolicy | null;
  last_seen_at: Date | null;
  platform: string;
  protocol: number;
  images: string[];
  cpu_millis: number;
  memory_bytes: number;
}

interface WholeRow extends HostRow {
  horizon: number;
}

interface ChangedRow extends WholeRow {
  removed: boolean;
}

interface ReservedRow {
  host_id: string;
  cpu: number;
  memory: number;
  runs: number;
}

const HOST = `id, name, labels, state, state_message, session_id, engine_ready, drain_since IS NOT NULL AS draining, approved, cordoned, policy, last_seen_at,
  platform, protocol, images, cpu_millis, memory_bytes`;

/** Three plain statements in one round trip, joined here. A join in Postgres is as good as its statistics, and at its worst compares each host with each. */
export async function readHosts(sql: Sql, workspaceId: string): Promise<CandidateHost[]> {
  const query = {
    name: 'placement-hosts',
    text: `SELECT ${HOST} FROM host WHERE workspace_id = $1 AND removed_at IS NULL`,
    values: [workspaceId],
  };
  return withUse(
    sql,
    workspaceId,
    sql.query<HostRow>(query).then(({ rows }) => rows.map(toKnown)),
  );
}

interface Known {
  hosts: Map<string, KnownHost>;
  /** The number of the oldest transaction that was under way when this was read. */
  horizon: number;
  /** Milliseconds, by `performance.now()`. */
  readAt: number;
}

/** All of a workspace's hosts are read again after so long: a Postgres that was restored, or fell back to another one, numbers its transactions anew. */
const WHOLE_MS = 10_000;

/**
 * Hosts, of which only those are read that have changed since the last time: of a thousand hosts hardly one has between two rounds, and reading
 * them all costs more than placing a run. A trigger keeps the number of the transaction that last changed what is read here. What was not to be seen
 * the last time is of a transaction that was still under way or came later, so its number is not below that of the oldest one under way then;
 * those, and some that had been seen, are read. When a host was last seen is no such change: it matters where one is not heard, which is another state.
 *
 * Only for transactions that have not changed a host themselves: what they would roll back must not be remembered.
 */
export class HostsByChange {
  private readonly known = new Map<string, Known>();

  async read(sql: Sql, workspaceId: string): Promise<CandidateHost[]> {
    const known = this.known.get(workspaceId);
    const whole = known === undefined || performance.now() - known.readAt > WHOLE_MS;
    return withUse(sql, workspaceId, whole ? this.readWhole(sql, workspaceId) : this.readChanged(sql, workspaceId, known));
  }

  private async readWhole(sql: Sql, workspaceId: string): Promise<Iterable<KnownHost>> {
    const readAt = performance.now();
    const { rows } = await sql.query<WholeRow>({
      name: 'placement-hosts-whole',
      text: `SELECT ${HOST}, ${HORIZON} FROM host WHERE workspace_id = $1 AND removed_at IS NULL`,
      values: [workspaceId],
    });
    const hosts = new Map(rows.map((row) => [row.id, toKnown(row)]));
    const horizon = rows[0]?.horizon;
    if (horizon === undefined) this.known.delete(workspaceId);
    else this.known.set(workspaceId, { hosts, horizon, readAt });
    return hosts.values();
  }

  private async readChanged(sql: Sql, workspaceId: string, known: Known): Promise<Iterable<KnownHost>> {
    const { rows } = await sql.query<ChangedRow>({
      name: 'placement-hosts-changed',
      text: `SELECT ${HOST}, removed_at IS NOT NULL AS removed, ${HORIZON} FROM host
              WHERE workspace_id = $1 AND changed_xid >= $2`,
      values: [workspaceId, known.horizon],
    });
    for (const row of rows) {
      if (row.removed) known.hosts.delete(row.id);
      else known.hosts.set(row.id, toKnown(row));
      known.horizon = row.horizon;
    }
    return known.hosts.values();
  }
}

const HORIZON = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon';

async function withUse(sql: Sql, workspaceId: string, reading: Promise<Iterable<KnownHost>>): Promise<CandidateHost[]> {
  const [hosts, reserved, claims] = await Promise.all([reading, readReserved(sql, workspaceId), readClaims(sql, workspaceId)]);
  const nothing = { cpuMillis: 0, memoryBytes: 0, runs: 0 };
  return Array.from(hosts, (host) => ({ ...host, reserved: reserved.get(host.id) ?? nothing, claims: claims.get(host.id) ?? [] }));
}

const toKnown = (row: HostRow): KnownHost => ({
  id: row.id,
  name: row.name,
  labels: row.labels,
  ready: row.state === 'ready',
  lost: row.state === 'lost',
  draining: row.draining,
  stateMessage: row.state_message,
  // A host that is not ready although its engine was: nothing is heard of its agent, whose session may still be open.
  connected: row.session_id !== null && (row.state === 'ready' || !row.engine_ready),
  lastSeenAt: row.last_seen_at,
  approved: row.approved,
  cordoned: row.cordoned,
  policy: row.policy,
  platform: row.platform,
  protocol: row.protocol,
  images: row.images,
  cpuMillis: row.cpu_millis,
  memoryBytes: row.memory_bytes,
});

/** What ends between the statements frees something; who plans holds the lock of the workspace's placement, so nothing is reserved meanwhile. */
async function readReserved(sql: Sql, workspaceId: string): Promise<Map<string, CandidateHost['reserved']>> {
  const { rows } = await sql.query<ReservedRow>({
    name: 'placement-reserved',
    text: `SELECT host_id, sum(cpu_millis)::bigint AS cpu, sum(memory_bytes)::bigint AS memory, count(*)::int AS runs
             FROM attempt WHERE workspace_id = $1 AND NOT released GROUP BY host_id`,
    values: [workspaceId],
  });
  return new Map(rows.map(({ host_id, cpu, memory, runs }) => [host_id, { cpuMillis: cpu, memoryBytes: memory, runs }]));
}

async function readClaims(sql: Sql, workspaceId: string): Promise<Map<string, { protocol: Protocol; hostPort: number }[]>> {
  const { rows } = await sql.query<{ host_id: string; protocol: Protocol; host_port: number }>({
    name: 'placement-claims',
    // OFFSET keeps Postgres from reading every host beside a few claims.
    text: `SELECT c.host_id, c.protocol, c.host_port FROM port_claim c
            CROSS JOIN LATERAL (SELECT 1 FROM host h WHERE h.id = c.host_id AND h.workspace_id = $1 AND h.removed_at IS NULL OFFSET 0) h`,
    values: [workspaceId],
  });
  const claims = new Map<string, { protocol: Protocol; hostPort: number }[]>();
  for (const { host_id, protocol, host_port } of rows) {
    const claim = { protocol, hostPort: host_port };
    const known = claims.get(host_id);
    if (known) known.push(claim);
    else claims.set(host_id, [claim]);
  }
  return claims;
}
