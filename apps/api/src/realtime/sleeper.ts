/** A reader's sleep: until its topic is called, at most `slowTickMs`. A call between two sleeps ends the next one at once. */
import type { Topic, Wakeups } from './wakeups.ts';

export class Sleeper {
  private called = false;
  private wake: (() => void) | undefined;
  private readonly unsubscribe: (() => void)[];

  constructor(wakeups: Wakeups, topics: readonly Topic[], signal: AbortSignal) {
    const call = () => this.call();
    this.unsubscribe = topics.map((topic) => wakeups.subscribe(topic, call));
    signal.addEventListener('abort', call, { once: true });
    this.unsubscribe.push(() => signal.removeEventListener('abort', call));
  }

  /** As if its topic were called. */
  call(): void {
    this.called = true;
    this.wake?.();
  }

  async sleep(slowTickMs: number): Promise<void> {
    if (!this.called) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, slowTickMs);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.wake = undefined;
    }
    this.called = false;
  }

  /** Ends the subscriptions; a sleep that runs is not ended by it. */
  close(): void {
    for (const end of this.unsubscribe) end();
  }
}
