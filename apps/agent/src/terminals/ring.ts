/** The last bytes of a stream, by their place in it. Pure. */
export class Ring {
  readonly #most: number;
  #parts: Buffer[] = [];
  /** Place of the first byte that is held. */
  start = 0;
  /** Place after the last one. */
  end = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.end += bytes.length;
    for (let first = this.#parts[0]; first && this.end - this.start - first.length >= this.#most; first = this.#parts[0]) {
      this.start += first.length;
      this.#parts.shift();
    }
  }

  /** From `after` on, or from the first byte that is left; at most `most` bytes. */
  read(after: number, most: number): { from: number; data: Buffer } {
    const from = Math.min(Math.max(after, this.start), this.end);
    const wanted: Buffer[] = [];
    let place = this.start;
    let room = most;
    for (const part of this.#parts) {
      const skip = Math.max(0, from - place);
      place += part.length;
      if (skip >= part.length) continue;
      const piece = part.subarray(skip, skip + room);
      wanted.push(piece);
      room -= piece.length;
      if (room <= 0) break;
    }
    return { from, data: Buffer.concat(wanted) };
  }
}
