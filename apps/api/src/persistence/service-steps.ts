/**
 * A look at a service in one transaction: its replicas as they are, a plan, and the plan carried out.
 * The order of locks is services, runs, attempts, hosts. That something of a replica changed stands in `service_wake`, written with the
 * change itself: it is taken before the replicas are read, so what commits later is looked at again.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ServiceStatus } from '@berth/shared/model/service';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { describeService } from '../planning/services/describe-service.ts';
import type { RolloutRecord, ServicePlanned } from '../planning/services/model.ts';
import { AUTOSCALE_MS, type AutoscaleRecord, planAutoscale, type Usage } from '../planning/services/plan-autoscale.ts';
import { planService } from '../planning/services/plan-service.ts';
import { digestIn } from '../planning/services/replica-spec.ts';
import { wishesOf } from '../planning/services/wishes.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository, type NewEvent } from './event-repository.ts';
import { type NewRun, RunInserter } from './run-inserter.ts';
import { RunWrites } from './run-writes.ts';
import {
  type ReplicaRow,
  type RevisionRow,
  rolloutOf,
  SERVICE_COLUMNS,
  type ServiceRow,
  statusOf,
  toReplicaState,
} from './service-mapper.ts';
import { lastGood } from './service-repository.ts';

export interface DueService {
  serviceId: string;
  workspaceId: string;
}

/** A revision whose registry is to be asked which image it is. */
export interface UnpinnedRevision extends DueService {
  number: number;
  image: string;
}

export interface Looked {
  workspaceId: string;
  /** Anything was changed: its readers are told. */
  changed: boolean;
  /** It has domains, or had. */
  routed: boolean;
  /** Runs that are to be placed. */
  created: string[];
  hostIds: string[];
  unpinned: UnpinnedRevision | null;
}

/** Makes a run of a template; ids and times are the caller's. */
export type MakeReplica = (service: ServiceRow, revision: RevisionRow, slot: number) => NewRun;

/** Without a wake-up, a service that is at rest is looked at so often. */
const MOST_REST_MS = 60_000;
/** Samples of the last minute say what a replica uses. */
const USAGE_SECONDS = 60;

@Injectable()
export class ServiceSteps {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly inserter: RunInserter,
    private readonly runs: RunWrites,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /** Services of which something changed, or whose time has come; of one workspace, or of all. */
  async due(workspaceId: string | null): Promise<DueService[]> {
    const { rows } = await this.database.sql.query<{ id: string; workspace_id: string }>({
      name: 'services-due',
      text: `SELECT s.id, s.workspace_id FROM service s
              WHERE ($1::text IS NULL OR s.workspace_id = $1)
                AND (s.look_at <= now() OR s.id IN (SELECT service_id FROM service_wake)) ORDER BY s.id`,
      values: [workspaceId],
    });
    return rows.map((row) => ({ serviceId: row.id, workspaceId: row.workspace_id }));
  }

  /** Workspaces that have services: what happens in them wakes the looks. */
  async workspaces(): Promise<string[]> {
    const { rows } = await this.database.sql.query<{ workspace_id: string }>('SELECT DISTINCT workspace_id FROM service');
    return rows.map((row) => row.workspace_id);
  }

  /** Null: there is no such service any more. */
  async look({ serviceId }: DueService, make: MakeReplica): Promise<Looked | null> {
    return this.database.transaction(async (sql) => {
      const locked = await sql.query<ServiceRow>(
        `SELECT ${SERVICE_COLUMNS} FROM service s JOIN workspace w ON w.id = s.workspace_id WHERE s.id = $1 FOR NO KEY UPDATE OF s`,
        [serviceId],
      );
      const service = locked.rows[0];
      await sql.query('DELETE FROM service_wake WHERE service_id = $1', [serviceId]);
      if (!service) return null;
      const now = Date.now();
      const replicas = await lockReplicas(sql, serviceId);
      if (service.deleted_at !== null && replicas.length === 0) return this.forget(sql, service);
      const states = replicas.map((row) => toReplicaState(row, now));
      const target = rolloutOf(service) ? service.target_revision : service.revision;
      const revisions = await this.readRevisions(sql, serviceId);
      await findDigests(sql, serviceId, revisions, replicas);
      const autoscale = await this.autoscale(sql, service, now);
      const wishes = wishesOf(service.spec, autoscale?.desired ?? null);
      const planned = planService({
        now,
        wishes,
        revision: service.revision,
        target,
        lastGood: await lastGood(sql, serviceId, service.revision),
        rollout: rolloutOf(service),
        pinned: isPinned(revisions.get(target)),
        deleted: service.deleted_at !== null,
        replicas: states,
      });
      const unpinned = pendingOf(service, revisions.get(target), planned);
      const create = unpinned ? [] : planned.create;
      const created = create.flatMap(({ slot, revision }) => {
        const row = revisions.get(revision);
        return row ? [make(service, row, slot)] : [];
      });
      if (created.length > 0) await this.inserter.insertIn(sql, created);
      const hostIds = await this.runs.endIn(sql, { workspaceId: service.workspace_id, actor: `service:${service.name}` }, planned);
      if (planned.leave.length > 0)
        await sql.query('UPDATE run SET leaving_at = now(), resource_version = resource_version + 1 WHERE id = ANY($1)', [planned.leave]);
      await keepReadyTimes(sql, replicas, states);
      if (planned.bad !== null)
        await sql.query('UPDATE service_revision SET was_good = false WHERE service_id = $1 AND number = $2', [serviceId, planned.bad]);
      if (planned.good)
        await sql.query('UPDATE service_revision SET was_good = true WHERE service_id = $1 AND number = $2 AND NOT was_good', [
          serviceId,
          planned.target,
        ]);
      const told = await this.write(sql, { service, planned, wishes, revisions, autoscale, now, waits: unpinned !== null });
      const changed =
        told ||
        created.length > 0 ||
        hostIds.length > 0 ||
        planned.leave.length > 0 ||
        planned.stop.length > 0 ||
        planned.remove.length > 0;
      return {
        workspaceId: service.workspace_id,
        changed,
        routed: isRouted(service),
        created: created.map(({ id }) => id),
        hostIds,
        unpinned,
      };
    });
  }

  /** What the registry said; null: it did not, and the first replica finds out. */
  async pin({ serviceId, number }: UnpinnedRevision, digest: string | null): Promise<void> {
    await this.database.sql.query(
      `WITH pinned AS (UPDATE service_revision SET digest = $3, pin = CASE WHEN $3::text IS NULL THEN 'pilot' ELSE 'known' END
                        WHERE service_id = $1 AND number = $2 AND pin = 'pending')
       UPDATE service SET look_at = now() WHERE id = $1`,
      [serviceId, number, digest],
    );
  }

  private async readRevisions(sql: Sql, serviceId: string): Promise<Map<number, RevisionRow>> {
    const { rows } = await sql.query<RevisionRow>('SELECT * FROM service_revision WHERE service_id = $1', [serviceId]);
    return new Map(rows.map((row) => [row.number, row]));
  }

  private async autoscale(sql: Sql, service: ServiceRow, now: number): Promise<AutoscaleRecord | null> {
    const { autoscale: spec, template } = service.spec;
    if (!spec) return null;
    const before = service.autoscale;
    if (before && now - before.lookedAt < AUTOSCALE_MS) return before;
    const present = wishesOf(service.spec, before?.desired ?? null).desired;
    return planAutoscale(spec, present, await usageOf(sql, service.id, template), before, now);
  }

  /** Answers whether its readers see anything new. */
  private async write(sql: Sql, look: Written): Promise<boolean> {
    const { service, planned, revisions, autoscale, now, waits } = look;
    const before = statusOf(service);
    const target = revisions.get(planned.target);
    const reference = target?.template.spec.image ?? service.spec.template.spec.image;
    const described = describeService({
      planned: waits ? { ...planned, message: `asking the registry which image ${reference} is exactly` } : planned,
      wishes: look.wishes,
      generation: service.generation,
      revision: service.revision,
      image: { reference, digest: target?.digest ?? null },
      autoscale,
      domains: [...new Set((service.spec.routes ?? []).map(({ domain }) => domain))],
      hasProxy: this.env.PROXY_ADMIN_URL !== undefined,
      before,
      now,
    });
    const rest = Math.min(planned.wakeAt ?? Number.POSITIVE_INFINITY, now + (autoscale ? AUTOSCALE_MS : MOST_REST_MS));
    const seen = !isDeepStrictEqual(described, before);
    await sql.query(
      `UPDATE service SET status = $2, rollout = $3, target_revision = $4, observed_generation = generation, autoscale = $5, look_at = $6,
              resource_version = resource_version + $7
        WHERE id = $1`,
      [
        service.id,
        JSON.stringify(described),
        JSON.stringify(planned.rollout),
        planned.target,
        autoscale === null ? null : JSON.stringify(autoscale),
        new Date(rest),
        seen ? 1 : 0,
      ],
    );
    const event = eventOf(service, before, described, rolloutOf(service), planned.rollout);
    if (event) await this.events.append(sql, [event]);
    return seen;
  }

  private async forget(sql: Sql, service: ServiceRow): Promise<Looked> {
    await sql.query('DELETE FROM service_revision WHERE service_id = $1', [service.id]);
    await sql.query('DELETE FROM route_claim WHERE service_id = $1', [service.id]);
    await sql.query('DELETE FROM service WHERE id = $1', [service.id]);
    return { workspaceId: service.workspace_id, changed: true, routed: isRouted(service), created: [], hostIds: [], unpinned: null };
  }
}

interface Written {
  service: ServiceRow;
  planned: ServicePlanned;
  wishes: ReturnType<typeof wishesOf>;
  revisions: ReadonlyMap<number, RevisionRow>;
  autoscale: AutoscaleRecord | null;
  now: number;
  waits: boolean;
}

async function lockReplicas(sql: Sql, serviceId: string): Promise<ReplicaRow[]> {
  const { rows } = await sql.query<ReplicaRow>({
    name: 'service-replicas',
    text: `SELECT id, name, spec, service_slot, service_revision, phase, reason, message, desired, health, restarts, image_digest, ready_at,
                  waiting->>'reason' AS waits,
                  (SELECT h.state = 'lost' FROM host h WHERE h.id = run.host_id) AS lost, leaving_at, created_at, ended_at
             FROM run WHERE service_id = $1 AND deleted_at IS NULL ORDER BY id FOR NO KEY UPDATE`,
    values: [serviceId],
  });
  return rows;
}

/** What the first replica found out: the image that it runs is that of the revision. Changes `revisions` as it changes the rows. */
async function findDigests(
  sql: Sql,
  serviceId: string,
  revisions: ReadonlyMap<number, RevisionRow>,
  replicas: readonly ReplicaRow[],
): Promise<void> {
  for (const revision of revisions.values()) {
    if (revision.pin !== 'pilot') continue;
    const pilot = replicas.find((replica) => replica.service_revision === revision.number && replica.phase === 'running');
    if (!pilot) continue;
    // An image that was made on the host has no digest in any registry.
    revision.digest = digestIn(pilot.image_digest);
    revision.pin = revision.digest === null ? 'none' : 'known';
    await sql.query('UPDATE service_revision SET digest = $3, pin = $4 WHERE service_id = $1 AND number = $2', [
      serviceId,
      revision.number,
      revision.digest,
      revision.pin,
    ]);
  }
}

const isRouted = ({ spec }: ServiceRow): boolean => (spec.routes ?? []).length > 0;
const isPinned = (revision: RevisionRow | undefined): boolean => revision?.pin === 'known' || revision?.pin === 'none';

function pendingOf(service: ServiceRow, revision: RevisionRow | undefined, { create }: ServicePlanned): UnpinnedRevision | null {
  if (revision?.pin !== 'pending' || !create.some((one) => one.revision === revision.number)) return null;
  const { id: serviceId, workspace_id: workspaceId } = service;
  return { serviceId, workspaceId, number: revision.number, image: revision.template.spec.image };
}

async function keepReadyTimes(
  sql: Sql,
  rows: readonly ReplicaRow[],
  states: readonly { runId: string; readyAt: number | null }[],
): Promise<void> {
  const known = new Map(rows.map((row) => [row.id, row.ready_at?.getTime() ?? null]));
  const changed = states.filter(({ runId, readyAt }) => known.get(runId) !== readyAt);
  if (changed.length === 0) return;
  await sql.query('UPDATE run r SET ready_at = u.at FROM unnest($1::text[], $2::timestamptz[]) AS u(id, at) WHERE r.id = u.id', [
    changed.map(({ runId }) => runId),
    changed.map(({ readyAt }) => (readyAt === null ? null : new Date(readyAt))),
  ]);
}

async function usageOf(sql: Sql, serviceId: string, template: ServiceRow['spec']['template']): Promise<Usage> {
  const { rows } = await sql.query<{ replicas: number; cpu: number | null; memory: number | null; cpu_has: number; memory_has: number }>(
    `SELECT count(*)::int AS replicas, avg(u.cpu) AS cpu, avg(u.memory) AS memory, max(r.cpu_millis)::int AS cpu_has, max(r.memory_bytes) AS memory_has
       FROM run r JOIN LATERAL (
         SELECT avg(cpu_millis) AS cpu, avg(memory_bytes) AS memory FROM run_sample
          WHERE run_id = r.id AND step = 10 AND at > now() - make_interval(secs => $2)) u ON u.cpu IS NOT NULL
      WHERE r.service_id = $1 AND r.ready_at IS NOT NULL AND r.phase = 'running' AND r.desired = 'run' AND r.deleted_at IS NULL`,
    [serviceId, USAGE_SECONDS],
  );
  const [row] = rows;
  const { cpu, memory } = template.spec.resources ?? {};
  const share = (used: number | null, has: number) => (used === null || has === 0 ? null : (used / has) * 100);
  return {
    replicas: row?.replicas ?? 0,
    cpuPercent: cpu === undefined || !row ? null : share(row.cpu, row.cpu_has),
    memoryPercent: memory === undefined || !row ? null : share(row.memory, row.memory_has),
  };
}

/** What people want to know of: its roll-out moved, or its counts did. */
function eventOf(
  { workspace_id: workspaceId, id, name }: ServiceRow,
  before: ServiceStatus | null,
  now: ServiceStatus,
  rolledBefore: RolloutRecord | null,
  rolled: RolloutRecord,
): NewEvent | null {
  const moved = rolledBefore?.state !== rolled.state;
  const counts = ['desired', 'replicas', 'ready', 'available', 'updated'] as const;
  if (!moved && before !== null && counts.every((count) => before[count] === now[count])) return null;
  const change = moved ? rolled.state : 'replicas';
  return { type: 'service.changed', workspaceId, id, data: { name, change, message: now.message } };
}
