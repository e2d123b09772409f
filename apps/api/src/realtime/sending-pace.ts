/**
 * How long the rooms of this process rest after a batch, so that more comes together with the next: as long as all of them have been sending of late.
 * With a thousand members batches come some fifteen times a second, and whoever reads on the same machine can keep up; with a few there is no rest.
 */
const LATELY_MS = 100;
/** Short beside what a reader can see. */
const MOST_REST_MS = 32;

export class SendingPace {
  /** Milliseconds of sending, of which those that are long past have faded. */
  private spent = 0;
  private at = 0;

  /** Milliseconds to rest after a batch that took `tookMs` to send; `now` on a clock that never goes back. */
  restAfter(tookMs: number, now: number): number {
    this.spent = this.spent * Math.exp((this.at - now) / LATELY_MS) + tookMs;
    this.at = now;
    return Math.min(MOST_REST_MS, this.spent);
  }
}
