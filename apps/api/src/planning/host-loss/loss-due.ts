/** When a host that is silent counts as lost. */

/** So many times as long where most hosts fell silent together: then the fault is more likely on the way to them. */
export const BRAKE_FACTOR = 3;

/** Milliseconds since 1970. */
export function lossDueAt(silentSince: number, lostSeconds: number, braked: boolean): number {
  return silentSince + lostSeconds * 1000 * (braked ? BRAKE_FACTOR : 1);
}
