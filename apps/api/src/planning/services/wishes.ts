/** The spec of a service with what is absent filled in. Pure. */
import type { ServiceSpec } from '@berth/shared/model/service';
import type { ServiceWishes } from './model.ts';

const PROGRESS_DEADLINE_SECONDS = 600;
/** Behind a proxy: what was sent to a replica before the proxy heard that it leaves is answered within it. */
const DRAIN_SECONDS = 5;

/** What crashes at once has done so by then: without a check it would count as available in between. */
const TRIAL_SECONDS = 2;
const isChecked = ({ template }: ServiceSpec): boolean => template.spec.healthcheck?.command !== undefined;

/** `scaled`: what its autoscaler wants; null where it has none, or has not decided yet. */
export function wishesOf(spec: ServiceSpec, scaled: number | null): ServiceWishes {
  const { update, autoscale } = spec;
  const stopFirst = update?.order === 'stop-first';
  const asked = spec.replicas ?? 1;
  const bounded = autoscale ? Math.min(Math.max(scaled ?? asked, autoscale.min), autoscale.max) : asked;
  return {
    desired: bounded,
    maxSurge: update?.maxSurge ?? (stopFirst ? 0 : 1),
    maxUnavailable: update?.maxUnavailable ?? (stopFirst ? 1 : 0),
    canary: update?.canary ?? 0,
    minReadyMs: (update?.minReadySeconds ?? 0) * 1000,
    trialMs: update?.minReadySeconds === undefined && !isChecked(spec) ? TRIAL_SECONDS * 1000 : 0,
    progressDeadlineMs: (update?.progressDeadlineSeconds ?? PROGRESS_DEADLINE_SECONDS) * 1000,
    drainMs: (update?.drainSeconds ?? ((spec.routes ?? []).length > 0 ? DRAIN_SECONDS : 0)) * 1000,
    rollBackOnFailure: update?.onFailure !== 'pause',
    paused: spec.paused ?? false,
  };
}
