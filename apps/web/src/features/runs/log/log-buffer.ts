/**
 * The log of a run as lines, outside React. Bytes come in pieces from the socket, lines are read by the panel once a frame.
 *
 * Invariants: `position` is the cursor behind the last byte that was taken: a piece that was taken before is cut off, so nothing
 * comes twice; bytes of one stream are decoded by one decoder, so a character cut in two arrives whole; memory is bounded:
 * the oldest lines are let go, and `dropped` says how many.
 */
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import { formatBytes } from '@berth/shared/model/quantity-text';
import { activeStyle, collapse, needsTerminal } from './terminal-line.ts';

export interface LogLine {
  /** Counts from 0 over what was read, also lines let go. */
  number: number;
  /** Place of its first byte in the merged log. Grows from line to line. */
  position: number;
  stream: LogStream;
  /** When its first byte was read, ISO. */
  at: string;
  /** As written, with its escape sequences; a gap's sentence. */
  text: string;
  /** The style in force where the line begins, as an escape sequence; "" for none. */
  style: string;
  gap: boolean;
}

export const MAX_LINES = 50_000;
export const MAX_CHARACTERS = 24_000_000;
/** A line without an end is cut here, so that a container that never writes a newline stays readable. */
const MAX_LINE = 16_384;

interface Open {
  decoder: TextDecoder;
  line: LogLine | null;
  style: string;
}

export class LogBuffer {
  #lines: LogLine[] = [];
  #characters = 0;
  #next = 0;
  #numbers = 0;
  #open = new Map<string, Open>();
  #listeners = new Set<() => void>();
  #version = 0;
  complete = false;

  /** `start`: where in the merged log it begins. `most`: lines that are held. */
  constructor(
    readonly start = 0,
    readonly most = MAX_LINES,
  ) {
    this.#next = start;
  }

  /** Cursor to resume from. */
  get position(): number {
    return this.#next;
  }
  /** Oldest first. The array is this buffer's own and changes. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }
  /** How many of the oldest lines were let go. */
  get dropped(): number {
    return this.#lines[0]?.number ?? 0;
  }
  /** Grows with every change. */
  get version(): number {
    return this.#version;
  }

  /** Whether the line at a place of the merged log is held here, or can still come. */
  covers(position: number): boolean {
    return position >= (this.#lines[0]?.position ?? this.start);
  }

  /** The line that the byte at this place is in, or the last one before it: its index; -1 where all of them come later. */
  indexAt(position: number): number {
    let [low, high] = [0, this.#lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
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
      if (chunk.dropped > 0) this.#gap(chunk, length - Math.max(0, behind));
      else this.#text(chunk, behind > 0 ? behind : 0);
      this.#next = chunk.position + length;
    }
    this.#next = Math.max(this.#next, next);
    if (complete) this.#finish();
    this.#trim();
    this.#changed();
  }

  /** Lines are cut where the bytes have a newline, so that each is known by its place. No character has that byte within it. */
  #text(chunk: LogChunk, skip: number): void {
    const open = this.#openOf(chunk);
    const { data } = chunk;
    for (let from = skip; from < data.length; ) {
      const newline = data.indexOf(10, from);
      const ends = newline >= 0;
      const text = open.decoder.decode(data.subarray(from, ends ? newline : data.length), { stream: !ends });
      this.#extend(open, chunk, chunk.position + from, text);
      if (!ends) return;
      this.#endLine(open);
      from = newline + 1;
    }
  }

  #extend(open: Open, { stream, at }: Pick<LogChunk, 'stream' | 'at'>, position: number, text: string): void {
    if (open.line === null) {
      open.line = { number: this.#numbers++, position, stream, at, text: '', style: open.style, gap: false };
      this.#lines.push(open.line);
    }
    const line = open.line;
    line.text += text;
    this.#characters += text.length;
    if (line.text.length <= MAX_LINE) return;
    // A progress bar redraws one line for ever: only what can still be seen is kept.
    if (needsTerminal(line.text)) {
      const before = line.text.length;
      const style = activeStyle(line.style, line.text);
      line.text = `${collapse(line.text, line.style)}${style}${line.text.endsWith('\r') ? '\r' : ''}`;
      line.style = '';
      this.#characters -= before - line.text.length;
    }
    if (line.text.length > MAX_LINE) this.#endLine(open);
  }

  #endLine(open: Open): void {
    if (open.line === null) return;
    open.style = activeStyle(open.line.style, open.line.text);
    open.line = null;
  }

  #gap(chunk: LogChunk, bytes: number): void {
    const open = this.#openOf(chunk);
    this.#endLine(open);
    open.decoder = new TextDecoder();
    const why = chunk.droppedReason ? `: ${chunk.droppedReason}` : '';
    const text = `${formatBytes(bytes)} of ${chunk.stream} are missing here${why}`;
    const { position } = chunk;
    this.#lines.push({ number: this.#numbers++, position, stream: chunk.stream, at: chunk.at, text, style: '', gap: true });
    this.#characters += text.length;
  }

  #openOf(chunk: LogChunk): Open {
    const key = `${chunk.attempt} ${chunk.stream}`;
    let open = this.#open.get(key);
    if (!open) {
      open = { decoder: new TextDecoder(), line: null, style: '' };
      this.#open.set(key, open);
    }
    return open;
  }

  /** What was cut off in the middle of a character is shown as the replacement character. */
  #finish(): void {
    for (const open of this.#open.values()) {
      const rest = open.decoder.decode();
      if (rest !== '' && open.line) open.line.text += rest;
    }
    this.complete = true;
  }

  #trim(): void {
    let away = Math.max(0, this.#lines.length - this.most);
    for (let index = 0; index < away; index++) this.#characters -= this.#lines[index]?.text.length ?? 0;
    while (this.#characters > MAX_CHARACTERS && away < this.#lines.length - 1) this.#characters -= this.#lines[away++]?.text.length ?? 0;
    if (away > 0) this.#lines = this.#lines.slice(away);
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
