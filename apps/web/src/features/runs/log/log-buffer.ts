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
  /** Counts from 0 over the whole log, also lines let go. */
  number: number;
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

  #text(chunk: LogChunk, skip: number): void {
    const open = this.#openOf(chunk);
    this.#append(open, chunk, open.decoder.decode(skip > 0 ? chunk.data.subarray(skip) : chunk.data, { stream: true }));
  }

  #append(open: Open, chunk: Pick<LogChunk, 'stream' | 'at'>, text: string): void {
    let from = 0;
    while (from < text.length) {
      const newline = text.indexOf('\n', from);
      const end = newline < 0 ? text.length : newline;
      this.#extend(open, chunk, text.slice(from, end));
      if (newline < 0) return;
      this.#endLine(open);
      from = newline + 1;
    }
  }

  #extend(open: Open, { stream, at }: Pick<LogChunk, 'stream' | 'at'>, text: string): void {
    if (open.line === null) {
      open.line = { number: this.#numbers++, stream, at, text: '', style: open.style, gap: false };
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
    this.#lines.push({ number: this.#numbers++, stream: chunk.stream, at: chunk.at, text, style: '', gap: true });
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
    let away = Math.max(0, this.#lines.length - MAX_LINES);
    for (let index = 0; index < away; index++) this.#characters -= this.#lines[index]?.text.length ?? 0;
    while (this.#characters > MAX_CHARACTERS && away < this.#lines.length - 1) this.#characters -= this.#lines[away++]?.text.length ?? 0;
    if (away > 0) this.#lines = this.#lines.slice(away);
  }

  #changed(): void {
    this.#version++;
    for (const listener of this.#listeners) listener();
  }
}
