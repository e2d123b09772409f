/** Collects keys while a write is under way, and for a moment after it, and writes them together: many wake-ups of one key cost one. */
import { setTimeout as delay } from 'node:timers/promises';

export class Coalescing {
  private readonly waiting = new Set<string>();
  private writing = false;

  /** `write` must not reject. The first key is written at once; then writes are at least `pauseMs` apart. */
  constructor(
    private readonly write: (keys: readonly string[]) => Promise<void>,
    private readonly pauseMs: number,
  ) {}

  add(keys: Iterable<string>): void {
    for (const key of keys) this.waiting.add(key);
    if (!this.writing) void this.drain();
  }

  private async drain(): Promise<void> {
    this.writing = true;
    while (this.waiting.size > 0) {
      const keys = [...this.waiting];
      this.waiting.clear();
      await this.write(keys);
      await delay(this.pauseMs);
    }
    this.writing = false;
  }
}
