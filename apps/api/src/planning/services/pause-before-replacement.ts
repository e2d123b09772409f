/** A replica that ends by itself is replaced; one that ends again and again after ever longer pauses (as a container is restarted). */
import { RESTART_PAUSE_SECONDS } from '@berth/shared/model/run';
import type { NewReplica, ReplicaState } from './model.ts';

/** Until when nothing takes its place; 0: at once. */
export function replacedAt({ slot, revision }: NewReplica, replicas: readonly ReplicaState[], now: number): number {
  const recent = now - RESTART_PAUSE_SECONDS.resetAfter * 1000;
  const ends = replicas
    .filter((one) => one.ended && !one.ending && one.slot === slot && one.revision === revision)
    .map(({ endedAt, createdAt }) => endedAt ?? createdAt)
    .filter((at) => at > recent);
  if (ends.length === 0) return 0;
  const pause = Math.min(RESTART_PAUSE_SECONDS.first * 2 ** (ends.length - 1), RESTART_PAUSE_SECONDS.most);
  return Math.max(...ends) + pause * 1000;
}
