/** Pending runs and hosts out, a plan in: the scheduler's only door to Postgres. */
import type { Labels } from '@berth/shared/model/metadata';
import type { Concurrency, PlacementRules } from '@berth/shared/model/placement-rules';
import type { PublishedPort, RunSpec } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';
import { SERVICE_LABEL } from '@berth/shared/model/workspace-network';
import { Injectable } from '@nestjs/common';
import type { CandidateHost, PendingRun, PendingVolume, PlacementInput, PlacementPlan } from '../planning/scheduler/model.ts';
import { Database, type Sql } from './database.ts';
import { type HostAssignments, toAssignments } from './dispatch-repository.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import { HostsByChange, readHosts } from './placement-hosts.ts';
import { readSurroundings } from './surroundings.ts';
import { isUniqueViolation } from './unique-violation.ts';
import { bindVolumes, VOLUMES_OF_RUN, VolumeMoved } from './volume-binding.ts';

export interface AppliedPlacement {
  /** To be told about their new attempts: each with all that is new there by this. */
  assigned: Map<string, HostAssignments>;
  /** Placed, or with another cause of waiting. */
  changedRunIds: string[];
  placed: number;
  /** A time before the transaction, in milliseconds by the clock of this process. */
  since: number;
  /** Look on after this run; null: that was all. */
  next: PendingCursor | null;
}

/** A place in the order in which runs have their turn. */
export type PendingCursor = Pick<PendingRun, 'priority' | 'id'>;

/** The plan rests on something that has changed meanwhile: plan again. */
export class PlacementConflict extends Error {
  override readonly name = 'PlacementConflict';
}

export type Snapshot = Pick<PlacementInput, 'pending' | 'hosts' | 'surroundings'>;

interface PendingRow {
  id: string;
  image: string;
  cpu_millis: number;
  memory_bytes: number;
  ports: NonNullable<RunSpec['ports']> | null;
  protocol: number;
  asks: PendingRun['asks'] | null;
  labels: Labels;
  rules: PlacementRules | null;
  volumes: PendingVolume[] | null;
  priority: number;
  concurrency: Concurrency | null;
  waiting: Waiting | null;
}

const PENDING = `id, image, cpu_millis, memory_bytes, spec->'ports' AS ports, protocol, labels, spec->'placement' AS rules, priority,
  spec->'concurrency' AS concurrency, waiting,
  CASE WHEN spec ?| '{privileged,capabilities,network,mounts}' THEN jsonb_strip_nulls(jsonb_build_object(
    'privileged', spec->'privileged', 'capabilities', spec->'capabilities', 'network', spec->'network', 'mounts', spec->'mounts')) END AS asks,
  CASE WHEN spec ? 'volumes' THEN (${VOLUMES_OF_RUN}) END AS volumes`;
/** Pending runs that count where somebody asks for room: they would take it first. */
const MOST_PENDING = 2000;

@Injectable()
export class PlacementRepository {
  private readonly hosts = new HostsByChange();

  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
  ) {}

  /**
   * One round in one transaction. Rounds of a workspace exclude each other by an advisory lock, in whichever process they run, and nobody
   * else adds reservations; so what was read as free is still free when the plan is written. Runs that were cancelled meanwhile drop out
   * by compare-and-set. Throws PlacementConflict.
   */
  async round(
    workspaceId: string,
    { after, limit }: { after: PendingCursor | null; limit: number },
    plan: (snapshot: Snapshot) => PlacementPlan,
  ): Promise<AppliedPlacement> {
    const since = Date.now();
    try {
      return await this.database.transaction(async (sql) => {
        await lockPlacement(sql, workspaceId);
        const pending = await readPending(sql, workspaceId, after, limit);
        if (pending.length === 0) return { assigned: new Map(), changedRunIds: [], placed: 0, since, next: null };
        const hosts = await this.hosts.read(sql, workspaceId);
        const planned = plan({ pending, hosts, surroundings: await readSurroundings(sql, workspaceId, pending) });
        const next = pending.length === limit ? (pending.at(-1) ?? null) : null;
        return { ...(await this.apply(sql, workspaceId, planned, pending, hosts)), since, next };
      });
    } catch (error) {
      if (isUniqueViolation(error)) throw new PlacementConflict('a host port was claimed meanwhile', { cause: error });
      if (error instanceof VolumeMoved) throw new PlacementConflict(error.message, { cause: error });
      throw error;
    }
  }

  /** What a run that waits is judged by. Null: it does not wait, or is not in this workspace. */
  async snapshotOf(workspaceId: string, runId: string): Promise<{ run: PendingRun; snapshot: Omit<Snapshot, 'pending'> } | null> {
    return this.database.transaction(async (sql) => {
      const { rows } = await sql.query<PendingRow>({
        name: 'placement-one',
        text: `${SELECT_PENDING} AND id = $2`,
        values: [workspaceId, runId],
      });
      const [run] = rows.map(toPending);
      if (!run) return null;
      const surroundings = await readSurroundings(sql, workspaceId, [run]);
      return { run, snapshot: { hosts: await readHosts(sql, workspaceId), surroundings } };
    });
  }

  private async apply(
    sql: Sql,
    workspaceId: string,
    plan: PlacementPlan,
    pending: readonly PendingRun[],
    hosts: readonly CandidateHost[],
  ): Promise<Omit<AppliedPlacement, 'since' | 'next'>> {
    const hostNames = new Map(hosts.map((host) => [host.id, host.name]));
    const before = new Map(pending.map((run) => [run.id, run.waiting]));
    const changed = plan.waiting.filter(({ runId, waiting }) => !sameWaiting(before.get(runId) ?? null, waiting));
    const placed = await insertAttempts(sql, workspaceId, plan, hostNames);
    const bound = await bindVolumes(
      sql,
      plan,
      placed.map((row) => row.run_id),
    );
    const waiting = await updateWaiting(sql, changed);
    const events: NewEvent[] = [
      ...placed.map((row): NewEvent => {
        const data = { phase: 'assigned', reason: 'waiting-for-agent', message: row.message, exitCode: null } as const;
        const place = { attemptId: row.attempt_id, hostId: row.host_id, hostName: hostNames.get(row.host_id) };
        return { workspaceId, type: 'run.phase', id: row.run_id, data: { ...data, ...place } };
      }),
      ...changed
        .filter(({ runId }) => waiting.has(runId))
        .map(
          ({ runId, waiting: { reason, message } }): NewEvent => ({
            workspaceId,
            type: 'run.waiting',
            id: runId,
            data: { reason, message },
          }),
        ),
      ...bound.map(({ id, name, hostId }): NewEvent => {
        const message = `lies on ${hostNames.get(hostId) ?? hostId}, where the first run that has it was placed`;
        return { workspaceId, type: 'volume.changed', id, data: { name, change: 'bound', message } };
      }),
    ];
    await this.events.append(sql, events);
    return {
      assigned: newOnHosts(placed, pending),
      changedRunIds: [...new Set([...placed.map((row) => row.run_id), ...waiting])],
      placed: placed.length,
    };
  }
}

const SELECT_PENDING = `SELECT ${PENDING}
                          FROM run
                         WHERE workspace_id = $1 AND stage = 'queued' AND deleted_at IS NULL AND desired = 'run'`;

/** Less than any negated priority. */
const BEFORE_ALL = -1_000_000;

async function readPending(sql: Sql, workspaceId: string, after: PendingCursor | null, limit: number): Promise<PendingRun[]> {
  const { rows } = await sql.query<PendingRow>({
    name: 'placement-pending',
    text: `${SELECT_PENDING} AND (-priority, id) > ($2, $3) ORDER BY -priority, id LIMIT $4`,
    values: [workspaceId, after === null ? BEFORE_ALL : -after.priority, after?.id ?? '', limit],
  });
  return rows.map(toPending);
}

/** Nobody else reserves anything in the workspace until the transaction is over. Taken before any other lock. */
export async function lockPlacement(sql: Sql, workspaceId: string): Promise<void> {
  await sql.query("SELECT pg_advisory_xact_lock(hashtextextended('placement:' || $1, 0))", [workspaceId]);
}

/**
 * What the scheduler would be told if these runs were pending as well and there were no such hosts: for who asks whether they have a
 * place elsewhere. The caller holds the lock of the workspace's placement.
 */
export async function placementSnapshot(
  sql: Sql,
  workspaceId: string,
  runIds: readonly string[],
  exceptHostIds: readonly string[],
): Promise<Snapshot> {
  const [waiting, hosts, asked] = await Promise.all([
    readPending(sql, workspaceId, null, MOST_PENDING),
    readHosts(sql, workspaceId),
    sql.query<PendingRow>({ name: 'placement-asked', text: `SELECT ${PENDING} FROM run WHERE id = ANY($1)`, values: [runIds] }),
  ]);
  // They have their turns already, and would give them back before they are placed again.
  const moved = asked.rows.map((row): PendingRun => ({ ...toPending(row), concurrency: null }));
  const pending = [...waiting, ...moved];
  const surroundings = await readSurroundings(sql, workspaceId, pending, runIds);
  return { pending, hosts: hosts.filter(({ id }) => !exceptHostIds.includes(id)), surroundings };
}

const toPending = (row: PendingRow): PendingRun => ({
  id: row.id,
  image: row.image,
  cpuMillis: row.cpu_millis,
  memoryBytes: row.memory_bytes,
  ports: row.ports ?? [],
  protocol: row.protocol,
  asks: row.asks ?? {},
  volumes: row.volumes ?? [],
  labels: row.labels,
  rules: row.rules,
  priority: row.priority,
  concurrency: row.concurrency,
  waiting: row.waiting,
});

interface PlacedRow {
  run_id: string;
  attempt_id: string;
  host_id: string;
  workspace_id: string;
  name: string;
  spec: RunSpec;
  service: string | null;
  ports: PublishedPort[];
  message: string;
  /** Its generation, its session, and whether it shares its engine. Null: it was removed. */
  host: [number, string | null, boolean] | null;
  has_registries: boolean;
}

type PlacedOnHost = PlacedRow & { host: NonNullable<PlacedRow['host']> };

/**
 * Runs first (those still queued and wanted), then their hosts' generations once each, then attempts and ports: the order of locks
 * everywhere. The reservation of an attempt is the run's own. What was planned is carried along, and generations are looked up in one value: Postgres
 * takes each of these sets for a row, and would join two of them by comparing each with each. Explanations are most of the bytes: they are looked up
 * at the end, so that no row on the way has to be copied with one.
 */
const INSERT_ATTEMPTS = `
  WITH planned AS (
    SELECT * FROM json_to_recordset($1::json) AS p(nth int, run_id text, attempt_id text, host_id text, ports jsonb, message text)
  ), still AS (
    SELECT p.* FROM run r JOIN planned p ON p.run_id = r.id
     WHERE r.phase = 'queued' AND r.desired = 'run' AND r.deleted_at IS NULL
     ORDER BY r.id FOR NO KEY UPDATE OF r
  ), placed AS (
    UPDATE run r
       SET phase = 'assigned', reason = 'waiting-for-agent', message = s.message,
           waiting = jsonb_build_object('reason', 'waiting-for-agent', 'message', s.message, 'since', $2::text, 'deadline', NULL,
                                        'next', 'It starts once the agent has taken it.'),
           host_id = s.host_id, attempt_id = s.attempt_id, attempt_count = r.attempt_count + 1, observed_generation = r.generation,
           phase_times = r.phase_times || jsonb_build_object('assigned', $2::text), resource_version = r.resource_version + 1
      FROM still s WHERE r.id = s.run_id
    RETURNING r.id, r.workspace_id, r.name, r.spec, r.labels->>'${SERVICE_LABEL}' AS service, r.attempt_count, r.cpu_millis, r.memory_bytes, s.nth, s.attempt_id, s.host_id, s.ports, s.message
  ), targets AS (
    SELECT h.id FROM host h WHERE h.id = ANY(ARRAY(SELECT host_id FROM placed)) AND h.removed_at IS NULL ORDER BY h.id FOR NO KEY UPDATE
  ), bumped AS (
    UPDATE host h SET generation = h.generation + 1 FROM targets t WHERE h.id = t.id RETURNING h.id, h.generation, h.session_id, h.shares_engine
  ), generations AS (
    SELECT coalesce(jsonb_object_agg(id, jsonb_build_array(generation, session_id, shares_engine)), '{}') AS by_host FROM bumped
  ), attempts AS (
    INSERT INTO attempt (id, workspace_id, run_id, host_id, number, cpu_millis, memory_bytes, ports, placement, changed_generation,
                         reason, message, phase_times, created_at)
    SELECT p.attempt_id, p.workspace_id, p.id, p.host_id, p.attempt_count, p.cpu_millis, p.memory_bytes, p.ports, $3::jsonb->p.nth, (g.by_host->p.host_id->>0)::int,
           'waiting-for-agent', p.message, jsonb_build_object('assigned', $2::text), $2::timestamptz
      FROM placed p CROSS JOIN generations g WHERE g.by_host ? p.host_id
  ), claims AS (
    INSERT INTO port_claim (host_id, protocol, host_port, attempt_id)
    SELECT p.host_id, c.port->>'protocol', (c.port->>'hostPort')::int, p.attempt_id
      FROM placed p CROSS JOIN LATERAL jsonb_array_elements(p.ports) AS c(port)
  )
  SELECT p.id AS run_id, p.attempt_id, p.host_id, p.workspace_id, p.name, p.spec, p.service, p.ports, p.message, g.by_host->p.host_id AS host,
         EXISTS (SELECT 1 FROM registry WHERE workspace_id = $4) AS has_registries
    FROM placed p CROSS JOIN generations g ORDER BY p.nth`;

async function insertAttempts(
  sql: Sql,
  workspaceId: string,
  plan: PlacementPlan,
  hostNames: ReadonlyMap<string, string>,
): Promise<PlacedOnHost[]> {
  if (plan.placements.length === 0) return [];
  const planned = plan.placements.map(({ runId, attemptId, hostId, ports }, nth) => ({
    nth,
    run_id: runId,
    attempt_id: attemptId,
    host_id: hostId,
    ports,
    message: `waiting for the agent of ${hostNames.get(hostId) ?? hostId} to take it`,
  }));
  const { rows } = await sql.query<PlacedRow>({
    name: 'placement-apply',
    text: INSERT_ATTEMPTS,
    values: [
      JSON.stringify(planned),
      new Date().toISOString(),
      JSON.stringify(plan.placements.map(({ placement }) => placement)),
      workspaceId,
    ],
  });
  return rows.map(({ host, ...row }) => {
    if (host === null) throw new PlacementConflict(`host ${row.host_id} was removed meanwhile`);
    return { ...row, host };
  });
}

/** What the sessions of these hosts would read of them. */
function newOnHosts(placed: readonly PlacedOnHost[], pending: readonly PendingRun[]): Map<string, HostAssignments> {
  const volumesOf = new Map(pending.flatMap(({ id, volumes }) => (volumes.length > 0 ? [[id, [...volumes].sort(byId)] as const] : [])));
  const rows = placed.map(({ attempt_id, host: [generation, session_id, shares_engine], ...row }) => ({
    ...row,
    id: attempt_id,
    generation,
    session_id,
    shares_engine,
    desired: 'run' as const,
    phase: 'assigned' as const,
    restarts: 0,
    restart_requests: 0,
    volumes: volumesOf.get(row.run_id)?.map(({ name, id }) => ({ name, id })) ?? null,
    released: false,
    remove_container: false,
  }));
  return toAssignments(rows, ({ host_id }) => host_id);
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : 1);

/** Answers the runs that are still queued. */
async function updateWaiting(sql: Sql, changed: PlacementPlan['waiting']): Promise<Set<string>> {
  if (changed.length === 0) return new Set();
  const { rows } = await sql.query<{ id: string }>({
    name: 'placement-waiting',
    text: `
      WITH cause AS (SELECT * FROM json_to_recordset($1::json) AS c("runId" text, waiting jsonb)),
      still AS (
        SELECT r.id, c.waiting FROM run r JOIN cause c ON c."runId" = r.id WHERE r.phase = 'queued' AND r.deleted_at IS NULL
         ORDER BY r.id FOR NO KEY UPDATE OF r)
      UPDATE run r
         SET waiting = s.waiting, reason = s.waiting->>'reason', message = s.waiting->>'message', observed_generation = r.generation,
             resource_version = r.resource_version + 1
        FROM still s WHERE r.id = s.id
      RETURNING r.id`,
    values: [JSON.stringify(changed)],
  });
  return new Set(rows.map((row) => row.id));
}

function sameWaiting(a: Waiting | null, b: Waiting): boolean {
  return a !== null && a.reason === b.reason && a.message === b.message && a.next === b.next && a.since === b.since;
}
