/** Collects what comes until the next frame is drawn: a screen that is drawn once needs to be worked out once. */

/** Nothing is drawn of a page in the background; it is kept up all the same. */
const HIDDEN_MS = 250;

export class FrameQueue<T> {
  #items: T[] = [];
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly flush: (items: T[]) => void) {}

  add(items: readonly T[]): void {
    this.#items.push(...items);
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(this.#run, HIDDEN_MS);
    this.#frame = requestAnimationFrame(this.#run);
  }

  close(): void {
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#timer = undefined;
    this.#items = [];
  }

  #run = (): void => {
    clearTimeout(this.#timer);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#timer = undefined;
    this.#frame = undefined;
    const items = this.#items;
    this.#items = [];
    this.flush(items);
  };
}
