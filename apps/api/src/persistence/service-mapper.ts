/** Rows of services → the resource that clients see. */
import { fieldChanges } from '@berth/shared/model/field-changes';
import type { Labels } from '@berth/shared/model/metadata';
import type { Phase } from '@berth/shared/model/phase';
import { isTerminal } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { Health, PublishedPort, RunSpec } from '@berth/shared/model/run';
import type { Replica, Service, ServiceRevision, ServiceSpec, ServiceStatus, ServiceTemplate } from '@berth/shared/model/service';
import type { ReplicaState, RolloutRecord } from '../planning/services/model.ts';
import type { AutoscaleRecord } from '../planning/services/plan-autoscale.ts';
import { digestIn } from '../planning/services/replica-spec.ts';

export interface ServiceRow {
  id: string;
  workspace_id: string;
  workspace_slug: string;
  name: string;
  labels: Labels;
  spec: ServiceSpec;
  generation: number;
  observed_generation: number;
  revision: number;
  target_revision: number;
  /** Empty: it begins. */
  rollout: Partial<RolloutRecord>;
  /** Empty: it was not looked at yet. */
  status: Partial<ServiceStatus>;
  autoscale: AutoscaleRecord | null;
  resource_version: number;
  created_by: string;
  created_at: Date;
  deleted_at: Date | null;
}

/** Of `service s join workspace w`. */
export const SERVICE_COLUMNS = `s.id, s.workspace_id, w.slug AS workspace_slug, s.name, s.labels, s.spec, s.generation, s.observed_generation,
  s.revision, s.target_revision, s.rollout, s.status, s.autoscale, s.resource_version, s.created_by, s.created_at, s.deleted_at`;

const isBegun = (rollout: Partial<RolloutRecord>): rollout is RolloutRecord => rollout.state !== undefined;
export const rolloutOf = ({ rollout }: Pick<ServiceRow, 'rollout'>): RolloutRecord | null => (isBegun(rollout) ? rollout : null);

const isSeen = (status: Partial<ServiceStatus>): status is ServiceStatus => status.message !== undefined;
/** Null: nobody has looked at it yet. */
export const statusOf = ({ status }: Pick<ServiceRow, 'status'>): ServiceStatus | null => (isSeen(status) ? status : null);

export function toService(row: ServiceRow): Service {
  return {
    kind: 'Service',
    metadata: {
      id: row.id,
      name: row.name,
      workspace: row.workspace_slug,
      labels: row.labels,
      generation: row.generation,
      resourceVersion: String(row.resource_version),
      createdAt: row.created_at.toISOString(),
    },
    spec: row.spec,
    status: statusOf(row) ?? unseen(row),
  };
}

/** Between its creation and the first look at it, which follows within moments. */
const unseen = ({ spec, revision }: ServiceRow): ServiceStatus => ({
  observedGeneration: 0,
  desired: spec.replicas ?? 1,
  replicas: 0,
  ready: 0,
  available: 0,
  updated: 0,
  revision,
  targetRevision: revision,
  rollout: 'rolling',
  message: 'accepted: its replicas are started within moments',
  image: { reference: spec.template.spec.image, digest: null },
  conditions: [],
});

export interface RevisionRow {
  number: number;
  template: ServiceTemplate;
  digest: string | null;
  pin: 'pending' | 'pilot' | 'known' | 'none';
  was_good: boolean;
  created_by: string;
  created_at: Date;
}

export const toRevision = (row: RevisionRow): ServiceRevision => ({
  number: row.number,
  template: row.template,
  digest: row.digest,
  createdAt: row.created_at.toISOString(),
  createdBy: row.created_by,
  wasGood: row.was_good,
});

/** A run of a service, with the ports and the host of its present attempt. */
export interface ReplicaRow {
  id: string;
  name: string;
  spec: RunSpec;
  service_slot: number;
  service_revision: number;
  phase: Phase;
  reason: Reason;
  message: string;
  desired: string;
  health: Health['status'] | null;
  restarts: number;
  /** Why it waits for its host, where it does. */
  waits: Reason | null;
  /** Its host counts as lost; null: it has none. */
  lost: boolean | null;
  image_digest: string | null;
  ready_at: Date | null;
  leaving_at: Date | null;
  created_at: Date;
  ended_at: Date | null;
}

/** Of a host that is not heard nobody knows whether it still runs. */
const isReady = ({ phase, reason, health, desired, waits }: ReplicaRow): boolean =>
  phase === 'running' && waits === null && reason !== 'paused' && desired === 'run' && (health === null || health === 'healthy');

/** `now`: since when it is ready, where that is seen only now. */
export function toReplicaState(row: ReplicaRow, now: number): ReplicaState {
  return {
    runId: row.id,
    slot: row.service_slot,
    revision: row.service_revision,
    phase: row.phase,
    ended: isTerminal(row.phase),
    ending: row.desired === 'stop' || row.desired === 'kill',
    leavingAt: row.leaving_at?.getTime() ?? null,
    lost: row.lost === true,
    readyAt: isReady(row) ? (row.ready_at?.getTime() ?? now) : null,
    unhealthy: row.health === 'unhealthy' && !isTerminal(row.phase),
    restarts: row.restarts,
    createdAt: row.created_at.getTime(),
    endedAt: row.ended_at?.getTime() ?? null,
    message: row.message,
  };
}

export interface ReplicaViewRow extends ReplicaRow {
  host_id: string | null;
  host_name: string | null;
  ports: PublishedPort[] | null;
}

/** `asked`: what a replica of the present template has. */
export function toReplica(row: ReplicaViewRow, asked: RunSpec, now: number): Replica {
  const state = toReplicaState(row, now);
  // The one that found out which image it is was asked for it by its tag alone.
  const digest = digestIn(asked.image);
  const is = digest !== null && digestIn(row.image_digest) === digest ? { ...row.spec, image: asked.image } : row.spec;
  return {
    runId: row.id,
    runName: row.name,
    slot: state.slot,
    revision: state.revision,
    phase: row.phase,
    ready: state.readyAt !== null,
    ending: state.ending || state.leavingAt !== null,
    health: row.health,
    restarts: row.restarts,
    hostId: row.host_id,
    hostName: row.host_name,
    ports: row.ports ?? [],
    message: row.message,
    drift: fieldChanges(asked, is).map(({ path, from, to }) => ({ path, asked: from, is: to })),
    createdAt: row.created_at.toISOString(),
  };
}
