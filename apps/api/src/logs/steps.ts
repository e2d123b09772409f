/** Long work in short steps, so that whatever else is due in this process comes in between. */
import { setImmediate as turn } from 'node:timers/promises';

export type Steps<T> = Generator<void, T>;

/** With a turn of the event loop after each step. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await turn();
  }
}
