/** Waits for a condition, never for a time: and says what it last saw when the time is up. */
import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, as the end of "timed out waiting for …". */
  what: string;
  timeoutMs?: number;
  /** First pause between two looks; it doubles up to 250 ms. */
  everyMs?: number;
  /** The last state, for the message of the error; called only on time-out. */
  describe?: () => unknown;
  /** A sentence once it can never come true: waiting ends at once with it. */
  failed?: () => string | undefined;
  signal?: AbortSignal;
}

/**
 * Calls `look` until it returns something other than undefined, null or false, and returns that. An error of `look` counts as
 * "not yet", and is the cause of the final error.
 */
export async function until<T>(look: () => T | Promise<T>, options: UntilOptions): Promise<Exclude<Awaited<T>, undefined | null | false>> {
  const deadline = performance.now() + (options.timeoutMs ?? 30_000);
  let pause = options.everyMs ?? 10;
  let cause: unknown;
  for (;;) {
    options.signal?.throwIfAborted();
    const failure = options.failed?.();
    if (failure !== undefined) throw new Error(`waiting for ${options.what} is in vain: ${failure}`);
    try {
      const seen = await look();
      if (isThere(seen)) return seen;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline) break;
    await delay(pause, undefined, { signal: options.signal });
    pause = Math.min(pause * 2, 250);
  }
  const state = options.describe ? `; last state: ${asText(await options.describe())}` : '';
  const error = cause instanceof Error ? `; last error: ${cause.message}` : '';
  throw new Error(`timed out waiting for ${options.what}${state}${error}`, { cause });
}

function isThere<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}
