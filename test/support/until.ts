/** Waits for a condition; on time-out the last state is in the error. */
import { setTimeout as delay } from 'node:timers/promises';

export interface Look {
  done: boolean;
  /** What was seen, for the error. */
  last: unknown;
}

export async function until(what: string, look: () => Promise<Look> | Look, timeoutMs = 30_000, everyMs = 50): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { done, last } = await look();
    if (done) return;
    if (performance.now() > deadline) {
      throw new Error(`not within ${timeoutMs / 1000} s: ${what}. Last seen: ${JSON.stringify(last, null, 2)}`);
    }
    await delay(everyMs);
  }
}
