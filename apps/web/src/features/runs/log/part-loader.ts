/** Reads the parts of a log that are in sight, a few at a time, and gives up those that are not any more. */
import type { LogPart } from './log-part.ts';

const AT_ONCE = 3;
/** Who drags the scroll bar passes by most of what comes into sight: it is read once that stays for a moment, or after the longer time. */
const SETTLE_MS = 60;
const MOST_MS = 250;
const AGAIN_MS = 2000;

export class PartLoader {
  #wanted: readonly LogPart[] = [];
  #reading = new Map<LogPart, AbortController>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the present waiting began. */
  #since = 0;
  #closed = false;

  /** `read` holds what it has read; `failed` is told of a part that could not be read, which is read again later, and null once one was. */
  constructor(
    readonly read: (part: LogPart, signal: AbortSignal) => Promise<void>,
    readonly failed: (error: unknown) => void,
  ) {}

  want(parts: readonly LogPart[]): void {
    const now = performance.now();
    const other = parts.some((part) => !this.#wanted.includes(part));
    this.#wanted = parts;
    for (const [part, ending] of this.#reading) if (!parts.includes(part)) ending.abort();
    if (parts.length === 0) return;
    if (this.#timer === undefined) this.#since = now;
    else if (other && now - this.#since < MOST_MS) this.#stopTimer();
    this.#later(SETTLE_MS);
  }

  /** What is read now is of no use any more. */
  forget(): void {
    this.want([]);
    this.#reading.clear();
  }

  close(): void {
    this.#closed = true;
    this.#stopTimer();
    this.forget();
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#go();
    }, milliseconds);
  }

  #go(): void {
    for (const part of this.#wanted) {
      if (this.#closed || this.#reading.size >= AT_ONCE) return;
      if (part.lines === null && !this.#reading.has(part)) void this.#readOne(part);
    }
  }

  async #readOne(part: LogPart): Promise<void> {
    const ending = new AbortController();
    this.#reading.set(part, ending);
    const done = () => {
      if (this.#reading.get(part) === ending) this.#reading.delete(part);
    };
    try {
      await this.read(part, ending.signal);
      done();
      this.failed(null);
      this.#go();
    } catch (error) {
      done();
      if (!ending.signal.aborted) this.failed(error);
      this.#later(ending.signal.aborted ? SETTLE_MS : AGAIN_MS);
    }
  }
}
