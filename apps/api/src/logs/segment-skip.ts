/**
 * Whether a packed part of a log holds a text at all: a search goes over those that do not without looking at their lines.
 * Pure (law L2).
 */
import type { LogStream } from '@berth/shared/events/console-socket';

const STREAMS = ['stdout', 'stderr'] as const;

/** Looks at the parts in their order. A text without a newline lies within one line, and so within one stream. */
export class SegmentSkip {
  readonly #text: Buffer;
  /** The last bytes of each stream so far, one fewer than the text has. */
  readonly #tails: Record<LogStream, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };

  constructor(text: string) {
    this.#text = Buffer.from(text);
  }

  /** It ends in this part; it may begin in the one before. */
  isIn(streams: Record<LogStream, Buffer>): boolean {
    const edge = this.#text.length - 1;
    let found = false;
    for (const stream of STREAMS) {
      const bytes = streams[stream];
      const seam = Buffer.concat([this.#tails[stream], bytes.subarray(0, edge)]);
      found ||= bytes.includes(this.#text) || seam.includes(this.#text);
      const last = bytes.length >= edge ? bytes : Buffer.concat([this.#tails[stream], bytes]);
      // A copy: the part itself is let go.
      this.#tails[stream] = Buffer.from(last.subarray(Math.max(0, last.length - edge)));
    }
    return found;
  }
}
