/** The status of a service, with its conditions as Kubernetes' API conventions have them. Pure. */
import type { Condition, ServiceStatus } from '@berth/shared/model/service';
import type { ServicePlanned, ServiceWishes } from './model.ts';
import type { AutoscaleRecord } from './plan-autoscale.ts';

export interface Described {
  planned: ServicePlanned;
  wishes: ServiceWishes;
  generation: number;
  revision: number;
  image: ServiceStatus['image'];
  autoscale: AutoscaleRecord | null;
  /** That lead to it. */
  domains: readonly string[];
  /** The installation has a proxy that is told of them. */
  hasProxy: boolean;
  before: ServiceStatus | null;
  now: number;
}

const ROLLOUT_REASONS: Record<ServiceStatus['rollout'], { status: Condition['status']; reason: string }> = {
  done: { status: 'True', reason: 'RolloutComplete' },
  rolling: { status: 'True', reason: 'RollingOut' },
  canary: { status: 'Unknown', reason: 'CanaryWaits' },
  paused: { status: 'Unknown', reason: 'Paused' },
  failed: { status: 'False', reason: 'RolloutFailed' },
  'rolled-back': { status: 'False', reason: 'RolledBack' },
};

export function describeService(described: Described): ServiceStatus {
  const { planned, wishes, generation, revision, image, autoscale, before, now } = described;
  const { counts, rollout, message, target } = planned;
  const least = Math.max(0, wishes.desired - wishes.maxUnavailable);
  const enough = counts.available >= least;
  const held = rollout.state === 'paused' || rollout.state === 'canary';
  const conditions: Omit<Condition, 'lastTransitionTime'>[] = [
    {
      type: 'Available',
      status: enough ? 'True' : 'False',
      reason: enough ? 'EnoughAvailable' : 'TooFewAvailable',
      message: `${counts.available} of ${wishes.desired} replicas are available, ${least} at least are to be`,
    },
    { type: 'Progressing', ...ROLLOUT_REASONS[rollout.state], message },
    {
      type: 'Paused',
      status: held ? 'True' : 'False',
      reason: held ? 'WaitsForWord' : 'NotPaused',
      message: held ? message : 'nothing waits for a word of a person',
    },
  ];
  if (autoscale) {
    const knows = autoscale.wanted.length > 0;
    conditions.push({
      type: 'AutoscaleActive',
      status: knows ? 'True' : 'Unknown',
      reason: knows ? 'HasSamples' : 'NoSamples',
      message: autoscale.message,
    });
  }
  if (described.domains.length > 0) conditions.push(routedOf(described));
  return {
    observedGeneration: generation,
    desired: wishes.desired,
    ...counts,
    revision,
    targetRevision: target,
    rollout: rollout.state,
    message,
    image,
    conditions: conditions.map((condition) => ({ ...condition, lastTransitionTime: sinceOf(condition, before, now) })),
  };
}

function routedOf({ domains, hasProxy, planned }: Described): Omit<Condition, 'lastTransitionTime'> {
  const names = domains.join(', ');
  const leads = domains.length === 1 ? 'leads' : 'lead';
  if (!hasProxy) {
    const message = `this installation has no proxy (PROXY_ADMIN_URL): ${names} ${leads} nowhere`;
    return { type: 'Routed', status: 'False', reason: 'NoProxy', message };
  }
  const { ready } = planned.counts;
  if (ready === 0)
    return { type: 'Routed', status: 'False', reason: 'NoneReady', message: `${names} ${leads} nowhere: no replica is ready` };
  return { type: 'Routed', status: 'True', reason: 'RoutesKept', message: `${names} ${leads} to ${ready} ready replicas` };
}

/** A condition that is as it was has been so since then. */
function sinceOf({ type, status }: Omit<Condition, 'lastTransitionTime'>, before: ServiceStatus | null, now: number): string {
  const earlier = before?.conditions.find((condition) => condition.type === type);
  return earlier?.status === status ? earlier.lastTransitionTime : new Date(now).toISOString();
}
