/**
 * Bytes of the merged log → the lines that begin in a range of it. Pure.
 *
 * Invariants: bytes of one stream are decoded by one decoder, so a character cut in two arrives whole; a line is known by the place of
 * its first byte; where bytes are cut into pieces makes no difference. Two neighbouring ranges, read each for itself in any order, give every
 * byte to exactly one of them: at the border both judge by the same bytes. A line that is open there goes on into the next range for
 * AHEAD at most, and for CARRIED bytes of its stream, if that has written within the BACK before the border; else the rest of it is a line of
 * the next range.
 */
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import { missingText } from '@berth/shared/events/log-gap';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { activeStyle, collapse, needsTerminal } from './terminal-line.ts';

export interface LogLine {
  /** Place of its first byte in the merged log. Grows from line to line. */
  position: number;
  stream: LogStream;
  /** When its first byte was read, ISO. */
  at: string;
  /** As written, with its escape sequences; a gap's sentence. Grows while the line has no end. */
  text: string;
  /** The style in force where the line begins, as an escape sequence; "" for none. */
  style: string;
  gap: boolean;
}

/**
 * A range is read with so many bytes before and behind it; none is shorter than that. An engine reads the two streams each for itself: of a line in
 * one of them, a pipe and a buffer of the other may lie between two writes.
 */
export const BACK = 128 * 1024;
export const AHEAD = 128 * 1024;
/** Of a line that goes over a border, so many bytes lie behind it at most. */
const CARRIED = 16_384;
/** A line without an end is cut after so many bytes, so that a container that never writes a newline stays readable. */
export const MAX_LINE = 16_384;
const NEWLINE = 10;

interface Open {
  decoder: TextDecoder;
  line: LogLine | null;
  /** Of the line, since it was last made shorter. */
  bytes: number;
  /** Of those, behind the border that the line goes over. */
  carried: number;
  /** Behind the last byte of the stream. */
  last: number;
  style: string;
}

type Origin = Pick<LogChunk, 'stream' | 'at'>;

export class LineSplitter {
  #open = new Map<string, Open>();
  #newlines = 0;

  /** `put` gets each line when it begins, in order; the bytes to be taken begin at `from - BACK`, and end at `to + AHEAD`. */
  constructor(
    readonly from: number,
    readonly to: number,
    readonly put: (line: LogLine) => void,
  ) {}

  /** Lines that ended at `from` or behind it, and those that have no end yet. */
  get count(): number {
    return this.#newlines + [...this.#open.values()].filter(({ line }) => line !== null).length;
  }

  /** `skip`: bytes of the chunk that were taken before. */
  take(chunk: LogChunk, skip = 0): void {
    const open = this.#openOf(chunk);
    if (chunk.dropped > 0) this.#gap(open, chunk, skip);
    else this.#text(open, chunk, skip);
  }

  /** What was cut off in the middle of a character is shown as the replacement character. */
  finish(): void {
    for (const open of this.#open.values()) {
      const rest = open.decoder.decode();
      if (open.line) open.line.text += rest;
    }
  }

  /** No character has the byte of a newline within it. */
  #text(open: Open, chunk: LogChunk, skip: number): void {
    const { data, position } = chunk;
    for (let at = skip; at < data.length; ) {
      const place = position + at;
      this.#border(open, place, data[at] === NEWLINE);
      if (open.line === null && place >= this.to) return;
      const newline = data.indexOf(NEWLINE, at);
      const end = newline < 0 ? data.length : newline;
      if (at < end && this.#isFull(open, place)) this.#cut(open);
      const line = open.line ?? this.#begin(open, chunk, place);
      const until = Math.min(end, at + Math.max(1, this.#room(line, open, place)));
      const ends = newline >= 0 && until === newline;
      line.text += open.decoder.decode(data.subarray(at, until), { stream: !ends });
      open.bytes += until - at;
      if (this.#borderOf(line, place) !== null) open.carried += until - at;
      at = ends ? until + 1 : until;
      open.last = position + at;
      if (!ends) continue;
      if (open.last > this.from) this.#newlines++;
      this.#endLine(open);
    }
  }

  /** Ends a line that may not go on behind a border of the range; one that ends here by itself is not cut. */
  #border(open: Open, place: number, ends: boolean): void {
    const { line } = open;
    if (line === null) return;
    const silent = line.position < this.to && place >= this.to && open.last <= this.to - BACK;
    const full = !ends && open.carried >= CARRIED && this.#borderOf(line, place) !== null;
    if (silent || full || [this.from, this.to].some((border) => line.position < border && place >= border + AHEAD)) {
      line.text += open.decoder.decode();
      this.#endLine(open);
    }
  }

  /** The border that a line has gone over at a place. */
  #borderOf(line: LogLine, place: number): number | null {
    return [this.from, this.to].find((border) => line.position < border && place >= border) ?? null;
  }

  #isFull({ line, bytes }: Open, place: number): boolean {
    return line !== null && bytes >= MAX_LINE && this.#borderOf(line, place) === null;
  }

  /** Bytes that the line takes before it must be looked at again. */
  #room(line: LogLine, { bytes, carried }: Open, place: number): number {
    const over = this.#borderOf(line, place);
    if (over !== null) return Math.min(over + AHEAD - place, CARRIED - carried);
    const border = [this.from, this.to].find((one) => one > place) ?? Number.POSITIVE_INFINITY;
    return Math.min(MAX_LINE - bytes, border - place);
  }

  /** A progress bar redraws one line for ever: only what can still be seen of it is kept. Any other line goes on as the next one. */
  #cut(open: Open): void {
    const { line } = open;
    if (line === null) return;
    open.bytes = 0;
    if (!needsTerminal(line.text)) {
      this.#endLine(open);
      return;
    }
    // Behind a carriage return the cursor is where it was at the beginning; elsewhere it is taken to be at the end.
    const back = line.text.lastIndexOf('\r') + 1 || line.text.length;
    const [seen, rest] = [line.text.slice(0, back), line.text.slice(back)];
    const style = activeStyle(line.style, seen);
    line.text = `${collapse(seen, line.style)}${seen.endsWith('\r') ? '\r' : ''}${style}${rest}`;
    line.style = '';
    if (line.text.length > MAX_LINE) this.#endLine(open);
  }

  #begin(open: Open, { stream, at }: Origin, position: number): LogLine {
    const line: LogLine = { position, stream, at, text: '', style: open.style, gap: false };
    open.line = line;
    open.bytes = 0;
    open.carried = 0;
    if (position >= this.from && position < this.to) this.put(line);
    return line;
  }

  #endLine(open: Open): void {
    if (open.line === null) return;
    open.style = activeStyle(open.line.style, open.line.text);
    open.line = null;
    open.bytes = 0;
  }

  /** Of a gap that reaches over a border, each range tells its own part. */
  #gap(open: Open, chunk: LogChunk, skip: number): void {
    this.#endLine(open);
    open.decoder = new TextDecoder();
    open.last = chunk.position + chunk.dropped;
    const begin = Math.max(chunk.position + skip, this.from);
    const bytes = Math.min(open.last, this.to) - begin;
    if (bytes <= 0) return;
    const why = chunk.droppedReason ? `: ${chunk.droppedReason}` : '';
    const text = `${missingText({ ...chunk, dropped: bytes }, formatBytes(bytes))}${why}`;
    this.put({ position: begin, stream: chunk.stream, at: chunk.at, text, style: '', gap: true });
  }

  #openOf(chunk: LogChunk): Open {
    const key = `${chunk.attempt} ${chunk.stream}`;
    let open = this.#open.get(key);
    if (!open) {
      open = { decoder: new TextDecoder(), line: null, bytes: 0, carried: 0, last: 0, style: '' };
      this.#open.set(key, open);
    }
    return open;
  }
}
