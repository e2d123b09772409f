import { until } from '../../scripts/parts/until.ts';

/**
 * Waits until `condition` returns something other than undefined, null or false, and returns that. On time-out the error tells the last
 * state. Never sleep in a test: wait for what you mean.
 */
export function eventually<T>(
  what: string,
  condition: () => T | Promise<T>,
  describeLastState?: () => unknown,
  timeoutMs = 30_000,
  /** A sentence once it can never come true: waiting ends at once with it. */
  failed?: () => string | undefined,
): Promise<Exclude<Awaited<T>, undefined | null | false>> {
  return until(condition, { what, timeoutMs, describe: describeLastState, failed });
}
