/**
 * The live end of a log as lines, outside React. Bytes come in pieces from the socket, lines are read by the panel once a frame.
 *
 * Invariant: `position` is the cursor behind the last byte that was taken: a piece that was taken before is cut off, so nothing comes twice.
 */
import type { LogChunk } from '@berth/shared/events/console-socket';
import { BACK, LineSplitter, type LogLine } from './line-splitter.ts';

export class LogBuffer {
  #lines: LogLine[] = [];
  #start: number;
  #next: number;
  #splitter: LineSplitter;
  #listeners = new Set<() => void>();
  #version = 0;
  #made = { stdout: 0, stderr: 0 };
  complete = false;

  /** `start`: where in the merged log its lines begin. */
  constructor(start = 0) {
    this.#start = start;
    this.#next = Math.max(0, start - BACK);
    this.#splitter = new LineSplitter(start, Number.POSITIVE_INFINITY, (line) => {
      this.#lines.push(line);
      this.#made[line.stream]++;
    });
  }

  /** Its lines begin here or later, and all that do are in it. */
  get start(): number {
    return this.#start;
  }
  /** Cursor to resume from. */
  get position(): number {
    return this.#next;
  }
  /** Oldest first. The array is this buffer's own and changes. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }
  /** How many lines of each stream there were, also those handed on. */
  get made(): Readonly<Record<'stdout' | 'stderr', number>> {
    return this.#made;
  }
  /** Lines from its first beginning on, also those handed on. */
  get count(): number {
    return this.#splitter.count;
  }
  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  take(chunks: readonly LogChunk[], next: number, complete: boolean): void {
    for (const chunk of chunks) {
      const length = chunk.dropped > 0 ? chunk.dropped : chunk.data.byteLength;
      const behind = this.#next - chunk.position;
      if (behind >= length) continue; // taken before a reconnect
      this.#splitter.take(chunk, Math.max(0, behind));
      this.#next = chunk.position + length;
    }
    this.#next = Math.max(this.#next, next);
    if (complete) {
      this.#splitter.finish();
      this.complete = true;
    }
    this.#version++;
    for (const listener of this.#listeners) listener();
  }

  /** Hands on its oldest lines, fewer than all: it begins with the line behind them from now on. */
  handOn(count: number): LogLine[] {
    const first = this.#lines[count];
    if (!first) throw new RangeError('the last line of a log stays with its live end');
    const handed = this.#lines.splice(0, count);
    this.#start = first.position;
    return handed;
  }
}
