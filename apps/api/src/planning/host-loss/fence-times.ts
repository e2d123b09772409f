/** A run that its own agent stops when it is cut off: that is surely done before it is replaced. */
import { DEFAULT_STOP_GRACE_SECONDS } from '@berth/shared/model/run';

/** For the timer, the kill after the grace period, and an engine under load. */
export const FENCE_MARGIN_SECONDS = 10;

export interface FencedSpec {
  selfFence: boolean;
  stopGraceSeconds: number | null;
  /** The run's own time until its host counts as lost. */
  lostAfterSeconds: number | null;
}

export interface FenceLimits {
  lostSeconds: number;
  /** Less than this without an answer is no break. */
  seconds: number;
}

/** Seconds from the last contact; null where it is not fenced. The contact that the agent knows of is never later than the one that the api knows of. */
export function fenceAfterSeconds(spec: FencedSpec, { lostSeconds, seconds }: FenceLimits): number | null {
  if (!spec.selfFence) return null;
  const grace = spec.stopGraceSeconds ?? DEFAULT_STOP_GRACE_SECONDS;
  return Math.max(seconds, (spec.lostAfterSeconds ?? lostSeconds) - grace - FENCE_MARGIN_SECONDS);
}

/** The run's own time until it is replaced; null where it has none. Later than asked for where it could not be stopped by then. */
export function replacedAfterSeconds(spec: FencedSpec, limits: FenceLimits): number | null {
  const fence = fenceAfterSeconds(spec, limits);
  if (fence === null) return spec.lostAfterSeconds;
  return fence + (spec.stopGraceSeconds ?? DEFAULT_STOP_GRACE_SECONDS) + FENCE_MARGIN_SECONDS;
}
