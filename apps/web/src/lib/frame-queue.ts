/** Collects what comes until the next frame is drawn: a screen that is drawn once needs to be worked out once. */

/** Nothing is drawn of a page in the background; it is kept up all the same. */
const HIDDEN_MS = 250;

export class FrameQueue<T> {
  #items: T[] = [];
  #flushedAt = Number.NEGATIVE_INFINITY;
  #frame: number | undefined;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `restMs`: so long after a flush there is no other, for what costs more than a frame has. */
  constructor(
    readonly flush: (items: T[]) => void,
    readonly restMs = 0,
  ) {}

  add(items: readonly T[]): void {
    this.#items.push(...items);
    if (this.#timer !== undefined) return;
    const rest = Math.max(0, this.#flushedAt + this.restMs - performance.now());
    this.#timer = setTimeout(this.#run, rest + HIDDEN_MS);
    if (rest === 0) this.#ask();
    else this.#rest = setTimeout(this.#ask, rest);
  }

  close(): void {
    this.#clear();
    this.#items = [];
  }

  #ask = (): void => {
    this.#frame = requestAnimationFrame(this.#run);
  };

  #clear(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#rest);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#timer = undefined;
    this.#frame = undefined;
  }

  #run = (): void => {
    this.#clear();
    this.#flushedAt = performance.now();
    const items = this.#items;
    this.#items = [];
    this.flush(items);
  };
}
