/** What can be done to a service, and why not now. Pure: buttons are disabled with the reason, never hidden. */
import type { Service, ServiceRevision } from '@berth/shared/model/service';

export type ServiceAction = 'scale' | 'promote' | 'pause' | 'resume' | 'retry';

/** Null: it can be done. */
export function reasonAgainst(action: ServiceAction, { spec, status }: Service): string | null {
  switch (action) {
    case 'scale':
      return spec.autoscale ? 'Its autoscaler says how many there are: change that under Edit.' : null;
    case 'promote':
      return status.rollout === 'canary' ? null : 'No canary waits: there is nothing to promote.';
    case 'pause':
      return spec.paused ? 'It is paused already.' : null;
    case 'resume':
      return spec.paused ? null : 'It is not paused.';
    case 'retry':
      return status.rollout === 'failed' || status.rollout === 'rolled-back'
        ? null
        : 'Its roll-out has not failed: there is nothing to retry.';
  }
}

/** The newest revision, other than that of its spec, of which all replicas were available once: where a roll-back goes. */
export function lastGoodOf({ status }: Service, revisions: readonly ServiceRevision[] | undefined): ServiceRevision | null {
  return revisions?.find(({ number, wasGood }) => wasGood && number !== status.revision) ?? null;
}

/** Null: it can be gone back to. */
export function reasonAgainstRevision({ status }: Service, { number }: ServiceRevision): string | null {
  if (number !== status.revision) return null;
  return status.targetRevision === number
    ? 'It is the present one.'
    : 'It is what is asked for now, and was rolled back: retry it instead.';
}
