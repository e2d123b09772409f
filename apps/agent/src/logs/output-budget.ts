/** Memory for output that waits for its acknowledgement, of all attempts together. */
import type { OutputBuffer } from './output-buffer.ts';

/** What one attempt may always hold … */
export const ATTEMPT_BYTES = 8 * 1024 * 1024;
/** … and what all may hold together. */
export const TOTAL_BYTES = 64 * 1024 * 1024;

export class OutputBudget {
  readonly #attempt: number;
  readonly #total: number;
  #held = 0;

  constructor(attempt: number = ATTEMPT_BYTES, total: number = TOTAL_BYTES) {
    this.#attempt = attempt;
    this.#total = total;
  }

  /** An attempt that holds `held` may take `more`: its own share, or half of what nobody uses; never beyond the total. */
  allows(held: number, more: number): boolean {
    const free = this.#total - this.#held;
    return more <= free && held + more <= Math.max(this.#attempt, (held + free) / 2);
  }

  /** Worth opening or resuming a reading of the record. */
  roomy(held: number): boolean {
    return this.#held < this.#total && held * 2 <= this.#attempt;
  }

  /** Runs `change`, which adds to `buffer` or lets go of some of it. */
  during(buffer: OutputBuffer, change: () => void): void {
    const before = buffer.held;
    change();
    this.#held += buffer.held - before;
  }
}
