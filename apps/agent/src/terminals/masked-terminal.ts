/**
 * What a shell shows, with `*` in the place of values of secrets. What may be the beginning of one waits for what follows, but only for a moment that nobody
 * notices: who types the first letter of a secret sees it. A value that a program writes is nearly always in one piece, and one in two is shown
 * up to where it was cut.
 */
import { MaskedStream } from '../secrets/masked-stream.ts';
import type { SecretMatcher } from '../secrets/secret-matcher.ts';

/** Longer than between two pieces of one write. */
const WAIT_MS = 40;

export class MaskedTerminal {
  readonly #stream: MaskedStream;
  readonly #show: (bytes: Buffer) => void;
  #timer: NodeJS.Timeout | null = null;

  constructor(matcher: SecretMatcher, show: (bytes: Buffer) => void) {
    this.#stream = new MaskedStream(matcher);
    this.#show = show;
  }

  push(bytes: Buffer): void {
    this.#stop();
    this.#give(this.#stream.push(bytes));
    if (this.#stream.held > 0) this.#timer = setTimeout(() => this.release(), WAIT_MS);
  }

  /** It ends, or has been waited for. */
  release(): void {
    this.#stop();
    this.#give(this.#stream.release());
  }

  #give(bytes: Buffer): void {
    if (bytes.length > 0) this.#show(bytes);
  }

  #stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
