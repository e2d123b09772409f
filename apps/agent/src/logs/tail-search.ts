/** PURE. Where a few known bytes end in a stream that goes by, in one step a byte however they repeat themselves (Knuth, Morris, Pratt). */

export class TailSearch {
  readonly #wanted: Buffer;
  /** Of each length that matches: the longest shorter one that matches too. */
  readonly #shorter: Int32Array;
  /** So many of the first wanted bytes are the last that went by. */
  #matching = 0;

  /** One byte at least. */
  constructor(wanted: Buffer) {
    this.#wanted = wanted;
    this.#shorter = new Int32Array(wanted.length + 1);
    for (let length = 1, shorter = 0; length < wanted.length; length++) {
      while (shorter > 0 && wanted[length] !== wanted[shorter]) shorter = this.#shorter[shorter] ?? 0;
      if (wanted[length] === wanted[shorter]) shorter++;
      this.#shorter[length + 1] = shorter;
    }
  }

  /** Calls `found` behind every place where all of them end, with the number of these bytes before it. */
  push(bytes: Buffer, found: (length: number) => void): void {
    const [wanted, shorter] = [this.#wanted, this.#shorter];
    let matching = this.#matching;
    for (let at = 0; at < bytes.length; at++) {
      if (matching === wanted.length) matching = shorter[matching] ?? 0;
      while (matching > 0 && bytes[at] !== wanted[matching]) matching = shorter[matching] ?? 0;
      if (bytes[at] === wanted[matching]) matching++;
      if (matching === wanted.length) found(at + 1);
    }
    this.#matching = matching;
  }

  /** How many of the first wanted bytes are the last that went by, the most first: each of them may go on to be all. */
  *overlaps(): Generator<number> {
    for (let length = this.#matching; length > 0; length = this.#shorter[length] ?? 0) yield length;
  }
}
