/** Services as people see and change them. What they do by themselves is written by service-steps.ts. */
import { isDeepStrictEqual } from 'node:util';
import { BerthError } from '@berth/shared/errors/problem';
import type { Labels } from '@berth/shared/model/metadata';
import type {
  CreateService,
  Replica,
  Service,
  ServiceRevision,
  ServiceSpec,
  ServiceTemplate,
  UpdateService,
} from '@berth/shared/model/service';
import { Injectable } from '@nestjs/common';
import type { RolloutRecord, ServiceInput } from '../planning/services/model.ts';
import { isExact, replicaSpec } from '../planning/services/replica-spec.ts';
import { wishesOf } from '../planning/services/wishes.ts';
import { Database, type Sql } from './database.ts';
import { EventRepository } from './event-repository.ts';
import { type EarlierAnswer, type IdempotencyClaim, IdempotencyRepository } from './idempotency-repository.ts';
import {
  type ReplicaViewRow,
  type RevisionRow,
  rolloutOf,
  SERVICE_COLUMNS,
  type ServiceRow,
  toReplica,
  toReplicaState,
  toRevision,
  toService,
} from './service-mapper.ts';
import { Where } from './where.ts';

export interface ServiceChange {
  workspaceId: string;
  serviceId: string;
  actor: string;
  /** The resourceVersion that the caller has seen; absent: any. */
  ifMatch?: string;
  claim?: IdempotencyClaim;
}

export interface NewService extends CreateService {
  id: string;
  workspaceId: string;
  /** Of the spec, with the versions of its secrets: what its first revision is. */
  template: ServiceTemplate;
  actor: string;
}

export interface ListServices {
  limit: number;
  before?: string;
  name?: string;
  label?: readonly string[];
}

/** What the roll-back goes to; the last good one before the present where it is not said. */
export type Steering =
  | { action: 'roll-back'; revision: number | undefined }
  | { action: 'promote' }
  | { action: 'retry' }
  /** `template`: of its spec, with the newest versions of its secrets. */
  | { action: 'renew'; template: ServiceTemplate }
  | { action: 'scale'; replicas: number };

const FROM = 'service s JOIN workspace w ON w.id = s.workspace_id';

@Injectable()
export class ServiceRepository {
  constructor(
    private readonly database: Database,
    private readonly events: EventRepository,
    private readonly idempotency: IdempotencyRepository,
  ) {}

  /** Null: not in this workspace, or deleted. */
  async get(workspaceId: string, id: string): Promise<Service | null> {
    const row = await this.row(workspaceId, id);
    return row && toService(row);
  }

  /** As `get`, by its name. */
  async byName(workspaceId: string, name: string): Promise<Service | null> {
    const { rows } = await this.database.sql.query<ServiceRow>(
      `SELECT ${SERVICE_COLUMNS} FROM ${FROM} WHERE s.workspace_id = $1 AND s.name = $2 AND s.deleted_at IS NULL`,
      [workspaceId, name],
    );
    return rows[0] ? toService(rows[0]) : null;
  }

  /** Newest first, at most `limit + 1`. */
  async list(workspaceId: string, { limit, before, name, label }: ListServices): Promise<Service[]> {
    const where = new Where().and('s.workspace_id = ?', workspaceId);
    if (before !== undefined) where.and('s.id < ?', before);
    if (name !== undefined) where.contains('s.name', name);
    where.labels('s.labels', label ?? []);
    const { rows } = await this.database.sql.query<ServiceRow>(
      `SELECT ${SERVICE_COLUMNS} FROM ${FROM} WHERE ${where.text} AND s.deleted_at IS NULL ORDER BY s.id DESC LIMIT ${limit + 1}`,
      where.values,
    );
    return rows.map(toService);
  }

  /** Newest first. */
  async revisions(serviceId: string): Promise<ServiceRevision[]> {
    const { rows } = await this.database.sql.query<RevisionRow>(
      'SELECT * FROM service_revision WHERE service_id = $1 ORDER BY number DESC LIMIT 200',
      [serviceId],
    );
    return rows.map(toRevision);
  }

  /** Those that are there, and the newest of those that ended; by place. */
  async replicas(workspaceId: string, id: string): Promise<Replica[] | null> {
    const row = await this.row(workspaceId, id);
    if (!row) return null;
    const target = await this.revision(id, row.target_revision);
    const { rows } = await this.database.sql.query<ReplicaViewRow>(
      `SELECT r.*, r.waiting->>'reason' AS waits, h.state = 'lost' AS lost, h.name AS host_name, a.ports FROM run r LEFT JOIN host h ON h.id = r.host_id LEFT JOIN attempt a ON a.id = r.attempt_id
        WHERE r.service_id = $1 AND r.deleted_at IS NULL
        ORDER BY r.service_slot, r.id DESC LIMIT 2000`,
      [id],
    );
    const template = target?.template ?? row.spec.template;
    const asked = replicaSpec({
      serviceName: row.name,
      template,
      digest: target?.digest ?? null,
      spreadOver: row.spec.spreadOver,
    });
    const now = Date.now();
    return rows.map((replica) => toReplica(replica, asked, now));
  }

  /**
   * Throws `conflict` where another service has the name, or a domain of its routes, as storing it would. `serviceId`: null for one that is to
   * be. What is free now may be taken in the next moment: storing looks again.
   */
  async refuseTaken(
    workspaceId: string,
    serviceId: string | null,
    { name, routes }: { name: string | null } & Pick<ServiceSpec, 'routes'>,
  ) {
    if (name !== null && (await this.byName(workspaceId, name))) throw nameTaken(name);
    for (const [index, { domain, path = '/' }] of (routes ?? []).entries()) {
      const { rowCount } = await this.database.sql.query(
        'SELECT FROM route_claim WHERE domain = $1 AND path = $2 AND service_id IS DISTINCT FROM $3',
        [domain, path, serviceId],
      );
      if (rowCount !== 0) throw domainTaken(index, domain, path);
    }
  }

  /** Null: stored. Throws `conflict` where the name is taken. */
  async insert(service: NewService, claim?: IdempotencyClaim): Promise<EarlierAnswer | null> {
    const { id, workspaceId, actor, metadata, spec, template } = service;
    return this.database.transaction(async (sql) => {
      const earlier = claim && (await this.idempotency.claim(sql, workspaceId, claim, id));
      if (earlier) return earlier;
      const { rowCount } = await sql.query(
        `INSERT INTO service (id, workspace_id, name, labels, spec, created_by) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (workspace_id, name) WHERE deleted_at IS NULL DO NOTHING`,
        [id, workspaceId, metadata.name, JSON.stringify(metadata.labels ?? {}), JSON.stringify(spec), actor],
      );
      if (rowCount === 0) throw nameTaken(metadata.name);
      await addRevision(sql, { serviceId: id, workspaceId, number: 1, template, actor });
      await claimRoutes(sql, workspaceId, id, spec);
      await this.tell(sql, {
        workspaceId,
        id,
        name: metadata.name,
        change: 'created',
        message: `created with ${spec.replicas ?? 1} replicas`,
        actor,
      });
      return null;
    });
  }

  /**
   * Another spec, other labels, or both; a template that it had before is that revision again. `template`: of the spec, with the versions of its
   * secrets. Answers whether anything changed.
   */
  async update(change: ServiceChange, { metadata, spec }: UpdateService, template: ServiceTemplate | undefined): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      if (change.claim && (await this.idempotency.claim(sql, change.workspaceId, change.claim, change.serviceId))) return false;
      const row = await lock(sql, change);
      const labels = metadata?.labels ?? row.labels;
      const next = spec ?? row.spec;
      if (isDeepStrictEqual(labels, row.labels) && isDeepStrictEqual(next, row.spec)) return false;
      const revision = isDeepStrictEqual(next.template, row.spec.template)
        ? row.revision
        : await this.revisionFor(sql, row, template ?? next.template, change.actor);
      await this.write(sql, row, { spec: next, labels, revision, begins: revision !== row.revision });
      if (!isDeepStrictEqual(next.routes, row.spec.routes)) await claimRoutes(sql, row.workspace_id, row.id, next);
      const what = revision === row.revision ? 'changed' : `changed: its template is revision ${revision}`;
      await this.tell(sql, { ...toldOf(row), change: 'updated', message: what, actor: change.actor });
      return true;
    });
  }

  /** Throws `not-found`, and `conflict` where there is nothing to be steered so. */
  async steer(change: ServiceChange, steering: Steering): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      if (change.claim && (await this.idempotency.claim(sql, change.workspaceId, change.claim, change.serviceId))) return false;
      const row = await lock(sql, change);
      const tell = (word: string, message: string) => this.tell(sql, { ...toldOf(row), change: word, message, actor: change.actor });
      const rollout = rolloutOf(row);
      switch (steering.action) {
        case 'scale': {
          if (row.spec.autoscale)
            throw new BerthError('conflict', 'Its autoscaler says how many there are: change spec.autoscale instead.');
          if ((row.spec.replicas ?? 1) === steering.replicas) return false;
          await this.write(sql, row, { spec: { ...row.spec, replicas: steering.replicas } });
          await tell('scaled', `from ${row.spec.replicas ?? 1} to ${steering.replicas} replicas`);
          return true;
        }
        case 'promote': {
          if (rollout?.state !== 'canary') throw new BerthError('conflict', 'No canary waits: there is nothing to promote.');
          await this.write(sql, row, { rollout: { ...rollout, promoted: true } });
          await tell('promoted', `revision ${row.target_revision} is rolled out to all`);
          return true;
        }
        case 'retry': {
          if (rollout?.state !== 'failed' && rollout?.state !== 'rolled-back')
            throw new BerthError('conflict', 'Its roll-out has not failed: there is nothing to be tried again.');
          await this.write(sql, row, { begins: true });
          await tell('retried', `revision ${row.revision} is rolled out again`);
          return true;
        }
        case 'renew': {
          const revision = await this.revisionFor(sql, row, steering.template, change.actor);
          if (revision === row.revision) throw new BerthError('conflict', 'It has the newest versions of its secrets already.');
          await this.write(sql, row, { revision, begins: true });
          await tell('renewed', `the newest versions of its secrets are rolled out as revision ${revision}`);
          return true;
        }
        case 'roll-back': {
          const to = await this.rollBackTo(sql, row, steering.revision);
          await this.write(sql, row, { spec: { ...row.spec, template: to.template }, revision: to.number, begins: true });
          await tell('rolled-back', `back to revision ${to.number}`);
          return true;
        }
      }
    });
  }

  /** Its replicas are stopped and removed by the next looks at it. */
  async delete(change: ServiceChange): Promise<void> {
    await this.database.transaction(async (sql) => {
      const row = await lock(sql, change);
      await sql.query('UPDATE service SET deleted_at = now(), look_at = now(), resource_version = resource_version + 1 WHERE id = $1', [
        row.id,
      ]);
      await this.tell(sql, {
        ...toldOf(row),
        change: 'deleted',
        message: 'deleted: its replicas are stopped and removed',
        actor: change.actor,
      });
    });
  }

  /** The planner's input as it would be with this spec; null: no such service. */
  async wouldBe(workspaceId: string, id: string, spec: ServiceSpec): Promise<{ input: ServiceInput; before: ServiceTemplate } | null> {
    const row = await this.row(workspaceId, id);
    if (!row) return null;
    const { rows } = await this.database.sql.query<ReplicaViewRow>(
      `SELECT *, waiting->>'reason' AS waits, (SELECT h.state = 'lost' FROM host h WHERE h.id = run.host_id) AS lost FROM run WHERE service_id = $1 AND deleted_at IS NULL ORDER BY id`,
      [id],
    );
    const now = Date.now();
    const same = isDeepStrictEqual(spec.template, row.spec.template);
    const revision = same ? row.revision : (await numberOf(this.database.sql, id, spec.template)).number;
    const input = {
      now,
      wishes: wishesOf(spec, row.autoscale?.desired ?? null),
      revision,
      target: row.target_revision,
      lastGood: await lastGood(this.database.sql, id, revision),
      rollout: same ? rolloutOf(row) : null,
      pinned: true,
      deleted: false,
      replicas: rows.map((replica) => toReplicaState(replica, now)),
    };
    return { input, before: row.spec.template };
  }

  private async row(workspaceId: string, id: string): Promise<ServiceRow | null> {
    const { rows } = await this.database.sql.query<ServiceRow>(
      `SELECT ${SERVICE_COLUMNS} FROM ${FROM} WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL`,
      [workspaceId, id],
    );
    return rows[0] ?? null;
  }

  private async revision(serviceId: string, number: number): Promise<RevisionRow | null> {
    const { rows } = await this.database.sql.query<RevisionRow>('SELECT * FROM service_revision WHERE service_id = $1 AND number = $2', [
      serviceId,
      number,
    ]);
    return rows[0] ?? null;
  }

  /** The number of this template: of the revision that had it, or of a new one. */
  private async revisionFor(sql: Sql, row: ServiceRow, template: ServiceTemplate, actor: string): Promise<number> {
    const { number, isNew } = await numberOf(sql, row.id, template);
    if (!isNew) return number;
    await addRevision(sql, { serviceId: row.id, workspaceId: row.workspace_id, number, template, actor });
    return number;
  }

  private async rollBackTo(sql: Sql, row: ServiceRow, asked: number | undefined): Promise<RevisionRow> {
    const number = asked ?? (await lastGood(sql, row.id, row.revision));
    if (number === null)
      throw new BerthError('conflict', 'It has no earlier revision whose replicas were all available: say which one it is to go back to.');
    const { rows } = await sql.query<RevisionRow>('SELECT * FROM service_revision WHERE service_id = $1 AND number = $2', [row.id, number]);
    const revision = rows[0];
    if (!revision) {
      throw new BerthError('invalid-request', `It has no revision ${number}.`, {
        errors: [{ path: 'revision', message: `there is no revision ${number}` }],
      });
    }
    return revision;
  }

  private async write(
    sql: Sql,
    row: ServiceRow,
    next: { spec?: ServiceSpec; labels?: Labels; revision?: number; rollout?: RolloutRecord; begins?: boolean },
  ): Promise<void> {
    const generation = row.generation + (next.spec === undefined && next.begins !== true ? 0 : 1);
    await sql.query(
      `UPDATE service SET spec = $2, labels = $3, revision = $4, rollout = $5, generation = $6, look_at = now(),
              resource_version = resource_version + 1
        WHERE id = $1`,
      [
        row.id,
        JSON.stringify(next.spec ?? row.spec),
        JSON.stringify(next.labels ?? row.labels),
        next.revision ?? row.revision,
        JSON.stringify(next.begins ? {} : (next.rollout ?? row.rollout)),
        generation,
      ],
    );
  }

  private async tell(
    sql: Sql,
    told: { workspaceId: string; id: string; name: string; change: string; message: string; actor: string },
  ): Promise<void> {
    const { workspaceId, id, ...data } = told;
    await this.events.append(sql, [{ type: 'service.changed', workspaceId, id, data }]);
  }
}

const toldOf = ({ workspace_id: workspaceId, id, name }: ServiceRow) => ({ workspaceId, id, name });

async function lock(sql: Sql, { workspaceId, serviceId, ifMatch }: ServiceChange): Promise<ServiceRow> {
  const { rows } = await sql.query<ServiceRow>(
    `SELECT ${SERVICE_COLUMNS} FROM ${FROM} WHERE s.workspace_id = $1 AND s.id = $2 AND s.deleted_at IS NULL FOR NO KEY UPDATE OF s`,
    [workspaceId, serviceId],
  );
  const row = rows[0];
  if (!row) throw new BerthError('not-found', `There is no service ${serviceId}.`);
  if (ifMatch !== undefined && ifMatch !== String(row.resource_version)) {
    throw new BerthError('precondition-failed', `The service is at version ${row.resource_version}: read it again.`);
  }
  return row;
}

/** A domain that another service has is refused; whose it is, is said to nobody (law L9). */
async function claimRoutes(sql: Sql, workspaceId: string, serviceId: string, { routes }: ServiceSpec): Promise<void> {
  await sql.query('DELETE FROM route_claim WHERE service_id = $1', [serviceId]);
  for (const [index, { domain, path = '/' }] of (routes ?? []).entries()) {
    const { rowCount } = await sql.query(
      'INSERT INTO route_claim (domain, path, service_id, workspace_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [domain, path, serviceId, workspaceId],
    );
    if (rowCount !== 1) throw domainTaken(index, domain, path);
  }
}

const nameTaken = (name: string) =>
  new BerthError('conflict', `There is a service "${name}" already; change that one, or take another name.`, {
    errors: [{ path: 'metadata.name', message: 'is taken' }],
  });

const domainTaken = (index: number, domain: string, path: string) =>
  new BerthError('conflict', `${domain}${path === '/' ? '' : path} leads to another service already.`, {
    errors: [{ path: `spec.routes.${index}.domain`, message: 'is taken' }],
  });

/** Of the revision that had this template, or of the one that it would be. */
async function numberOf(
  sql: Pick<Sql, 'query'>,
  serviceId: string,
  template: ServiceTemplate,
): Promise<{ number: number; isNew: boolean }> {
  const { rows } = await sql.query<RevisionRow>('SELECT * FROM service_revision WHERE service_id = $1 ORDER BY number DESC', [serviceId]);
  const had = rows.find((revision) => isDeepStrictEqual(revision.template, template));
  return had ? { number: had.number, isNew: false } : { number: (rows[0]?.number ?? 0) + 1, isNew: true };
}

interface NewRevision {
  serviceId: string;
  workspaceId: string;
  number: number;
  template: ServiceTemplate;
  actor: string;
}

async function addRevision(sql: Sql, { serviceId, workspaceId, number, template, actor }: NewRevision): Promise<void> {
  await sql.query(
    'INSERT INTO service_revision (service_id, number, workspace_id, template, pin, created_by) VALUES ($1, $2, $3, $4, $5, $6)',
    [serviceId, number, workspaceId, JSON.stringify(template), isExact(template.spec.image) ? 'none' : 'pending', actor],
  );
}

/** The newest revision, other than `except`, of which all replicas were available once. */
export async function lastGood(sql: Pick<Sql, 'query'>, serviceId: string, except: number): Promise<number | null> {
  const { rows } = await sql.query<{ number: number }>(
    'SELECT number FROM service_revision WHERE service_id = $1 AND number <> $2 AND was_good ORDER BY number DESC LIMIT 1',
    [serviceId, except],
  );
  return rows[0]?.number ?? null;
}
