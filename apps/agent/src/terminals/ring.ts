/** The last bytes of a stream, by their place in it. Pure. What it takes is bound by its size, however small the pieces are that come. */
const FIRST_BYTES = 16 * 1024;

export class Ring {
  readonly #most: number;
  /** Grows up to `most`; a byte stands at its place modulo the length, and nothing is dropped before it has grown up. */
  #bytes: Buffer;
  /** Place of the first byte that is held. */
  start = 0;
  /** Place after the last one. */
  end = 0;

  constructor(most: number) {
    this.#most = most;
    this.#bytes = Buffer.alloc(Math.min(most, FIRST_BYTES));
  }

  add(bytes: Buffer): void {
    this.#grow(this.end + bytes.length);
    const size = this.#bytes.length;
    const kept = bytes.subarray(Math.max(0, bytes.length - size));
    this.end += bytes.length;
    const at = (this.end - kept.length) % size;
    const untilWrap = kept.subarray(0, size - at);
    this.#bytes.set(untilWrap, at);
    this.#bytes.set(kept.subarray(untilWrap.length), 0);
    this.start = Math.max(this.start, this.end - size);
  }

  /** From `after` on, or from the first byte that is left; at most `most` bytes. */
  read(after: number, most: number): { from: number; data: Buffer } {
    const from = Math.min(Math.max(after, this.start), this.end);
    const length = Math.min(most, this.end - from);
    const at = from % this.#bytes.length;
    const untilWrap = this.#bytes.subarray(at, at + length);
    return { from, data: Buffer.concat([untilWrap, this.#bytes.subarray(0, length - untilWrap.length)]) };
  }

  #grow(wanted: number): void {
    const size = this.#bytes.length;
    if (wanted <= size || size === this.#most) return;
    const larger = Buffer.alloc(Math.min(this.#most, Math.max(wanted, size * 2)));
    larger.set(this.#bytes.subarray(0, this.end));
    this.#bytes = larger;
  }
}
