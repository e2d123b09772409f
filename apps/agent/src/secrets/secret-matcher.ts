/**
 * PURE. Finds the values of secrets in bytes that go by, in one step a byte however many there are (Aho and Corasick), and says after every byte how
 * many of the last ones may still turn out to be the beginning of one.
 *
 * A value is looked for line by line: no pattern has an end of a line in it, so that what is masked in a line depends on that line alone. By that
 * the output as it was sent, and the engine's record of it from wherever it is read, are masked alike (docs/decisions/0054).
 */

/** Shorter ones would mask what is no secret. */
const LEAST_BYTES = 4;
/** Of a value of several lines, shorter ones are what any file has: "}", "true". */
const LEAST_OF_LINES = 8;
/** Of its base64; six of its bytes make them. */
const LEAST_ENCODED = 8;
/** Longer values are looked for as they are. */
const MOST_ENCODED = 4096;

/** What of a value is looked for: its lines without the white space around them, and its base64 at each of the three places within other text. */
export function patternsOf(value: string): string[] {
  const lines = value.split(/[\r\n]+/).map((line) => line.trim());
  const least = lines.filter((line) => line !== '').length > 1 ? LEAST_OF_LINES : LEAST_BYTES;
  const plain = lines.filter((line) => Buffer.byteLength(line) >= least);
  const whole = Buffer.from(value.trim());
  return [...new Set([...plain, ...(whole.length <= MOST_ENCODED ? encodings(whole) : [])])];
}

/** Only the characters that these bytes make alone, whatever stands before and behind them. */
function encodings(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const own = text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    return own.length >= LEAST_ENCODED ? [own] : [];
  });
}

const ROOT = 0;

export class SecretMatcher {
  /** Of each node: its first child, and of each child the next one of the same parent. */
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #byte: Uint8Array;
  /** Where to go on when no child fits: the longest end of what was read that begins a pattern, too. */
  readonly #fallback: Int32Array;
  readonly #depth: Int32Array;
  /** Bytes of the longest pattern that ends here; 0: none does. */
  readonly #ends: Int32Array;
  /** The children of the root: nearly all bytes are met there. */
  readonly #first = new Int32Array(256);
  #nodes = 1;

  private constructor(patterns: readonly Buffer[]) {
    const most = 1 + patterns.reduce((sum, { length }) => sum + length, 0);
    this.#child = new Int32Array(most);
    this.#sibling = new Int32Array(most);
    this.#byte = new Uint8Array(most);
    this.#fallback = new Int32Array(most);
    this.#depth = new Int32Array(most);
    this.#ends = new Int32Array(most);
    for (const pattern of patterns) this.#add(pattern);
    this.#link();
  }

  /** Null: there is nothing to look for. */
  static of(values: readonly string[]): SecretMatcher | null {
    const patterns = [...new Set(values.flatMap(patternsOf))].map((text) => Buffer.from(text));
    return patterns.length > 0 ? new SecretMatcher(patterns) : null;
  }

  /** The state after the bytes from `from` on; 0 before the first one of all. `found` hears where a value ends, and its length. */
  scan(state: number, bytes: Uint8Array, from: number, found: (end: number, length: number) => void): number {
    const [first, ends] = [this.#first, this.#ends];
    let node = state;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      // Most bytes of most output begin nothing.
      node = node === ROOT ? (first[byte] ?? ROOT) : this.#step(node, byte);
      const length = ends[node] ?? 0;
      if (length > 0) found(at + 1, length);
    }
    return node;
  }

  #step(state: number, byte: number): number {
    let node = state;
    for (;;) {
      if (node === ROOT) return this.#first[byte] ?? ROOT;
      const next = this.#childOf(node, byte);
      if (next !== ROOT) return next;
      node = this.#fallback[node] ?? ROOT;
    }
  }

  /** So many of the last bytes may be the beginning of a value. A whole one that begins no longer one is decided. */
  open(state: number): number {
    let node = state;
    while (node !== ROOT && this.#child[node] === 0) node = this.#fallback[node] ?? ROOT;
    return this.#depth[node] ?? 0;
  }

  #childOf(node: number, byte: number): number {
    let child = this.#child[node] ?? 0;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#sibling[child] ?? 0;
    return child;
  }

  #add(pattern: Buffer): void {
    let node = ROOT;
    for (const byte of pattern) {
      let next = this.#childOf(node, byte);
      if (next === 0) {
        next = this.#nodes++;
        this.#byte[next] = byte;
        this.#depth[next] = (this.#depth[node] ?? 0) + 1;
        this.#sibling[next] = this.#child[node] ?? 0;
        this.#child[node] = next;
        if (node === ROOT) this.#first[byte] = next;
      }
      node = next;
    }
    this.#ends[node] = pattern.length;
  }

  /** Breadth first: what a node falls back to is less deep. */
  #link(): void {
    const queue: number[] = [ROOT];
    for (let at = 0; at < queue.length; at++) {
      const node = queue[at] ?? ROOT;
      for (let child = this.#child[node] ?? 0; child !== 0; child = this.#sibling[child] ?? 0) {
        const fallback = node === ROOT ? ROOT : this.#step(this.#fallback[node] ?? ROOT, this.#byte[child] ?? 0);
        this.#fallback[child] = fallback;
        this.#ends[child] = Math.max(this.#ends[child] ?? 0, this.#ends[fallback] ?? 0);
        queue.push(child);
      }
    }
  }
}
