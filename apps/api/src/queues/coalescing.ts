/** Collects keys while a write is under way and writes them together with the next one: many wake-ups of one key cost one. */
export class Coalescing {
  private readonly waiting = new Set<string>();
  private writing = false;

  /** `write` must not reject. */
  constructor(private readonly write: (keys: readonly string[]) => Promise<void>) {}

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
    }
    this.writing = false;
  }
}
