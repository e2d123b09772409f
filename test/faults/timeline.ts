/** What happened, in the order in which it did: printed as it comes, and kept for the report. */
export class Timeline {
  readonly lines: string[] = [];
  readonly #started = performance.now();
  readonly #show: (line: string) => void;

  constructor(show: (line: string) => void) {
    this.#show = show;
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  note(text: string): void {
    const line = `${this.seconds.toFixed(1).padStart(7)} s  ${new Date().toISOString().slice(11, 23)}  ${text}`;
    this.lines.push(line);
    this.#show(line);
  }
}
