/**
 * All of a log as sections from its beginning to its live end: parts that are read when somebody looks at them, and let go when much else
 * was looked at since; behind them the end as it grows. Outside React.
 *
 * Invariants: sections touch, and no line is in two of them; what is held is bounded by MOST_LINES and MOST_CHARACTERS, the live end by
 * END_BYTES, and by END_LINES where those are enough for two parts; how tall a section is may be guessed, where it lies in the log is known.
 */
import { AHEAD, type LogLine } from './line-splitter.ts';
import type { LogBuffer } from './log-buffer.ts';
import type { Filter, LogPart } from './log-part.ts';
import { ROW, type RowHeights } from './row-heights.ts';

export const MOST_LINES = 200_000;
export const MOST_CHARACTERS = 24_000_000;
const END_LINES = 4096;
const END_BYTES = 1024 * 1024;
const PART_LINES = 2048;
const PART_BYTES = 256 * 1024;
/** Of a line, where lines were not counted. */
const LINE_BYTES = 100;

export interface Section {
  from: number;
  to: number;
  /** Null: not held. */
  lines: readonly LogLine[] | null;
  height: number;
}

interface Held {
  height: number;
  epoch: number;
  characters: number;
}

interface End {
  version: number;
  start: number;
  filter: Filter;
  epoch: number;
  lines: readonly LogLine[];
  height: number;
}

const sum = <T>(list: readonly T[], of: (one: T) => number): number => list.reduce((total, one) => total + of(one), 0);

export class WholeLog {
  readonly #parts: LogPart[];
  #filter: Filter = 'all';
  /** Of the parts whose lines are held; the one that was not looked at for the longest time first. */
  #held = new Map<LogPart, Held>();
  #heldLines = 0;
  #heldCharacters = 0;
  /** Where each part begins in pixels, and the last ends; null where that has changed. */
  #offsets: number[] | null = null;
  #epoch = 0;
  #end: End | null = null;
  /** Lines before the live end, by the outline. */
  readonly #outlined: number;
  readonly #exact: boolean;

  constructor(
    readonly buffer: LogBuffer,
    parts: readonly LogPart[],
    readonly heights: RowHeights,
  ) {
    this.#parts = [...parts];
    this.#outlined = sum(parts, ({ counted, from, to }) => (counted.stdout ?? (to - from) / LINE_BYTES) + (counted.stderr ?? 0));
    this.#exact = parts.every(({ counted }) => counted.stdout !== null && counted.stderr !== null);
  }

  get filter(): Filter {
    return this.#filter;
  }
  get parts(): readonly LogPart[] {
    return this.#parts;
  }
  /** Sections are counted from 0; the last one is the live end. */
  get last(): number {
    return this.#parts.length;
  }
  get held(): { lines: number; characters: number } {
    return { lines: this.#heldLines, characters: this.#heldCharacters };
  }

  /** Parts hold the lines of one filter. */
  show(filter: Filter): void {
    if (filter === this.#filter) return;
    for (const part of [...this.#held.keys()]) this.letGo(part);
    this.#filter = filter;
    this.#offsets = null;
  }

  section(index: number): Section {
    const part = this.#parts[index];
    if (part) return { from: part.from, to: part.to, lines: part.lines, height: this.#heightOf(part) };
    const { lines, height } = this.#endNow();
    return { from: this.buffer.start, to: Number.POSITIVE_INFINITY, lines, height };
  }

  /** The section in which a place lies. */
  indexOf(position: number): number {
    if (position >= this.buffer.start) return this.last;
    let [low, high] = [0, this.#parts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#parts[middle]?.from ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Of the lines of a section, the one in which a place lies, or the last one before it; 0 where all come later. */
  lineIndexAt(lines: readonly LogLine[], position: number): number {
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((lines[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** The line in which a place lies; null where it is not held. */
  lineAt(position: number): LogLine | null {
    const { lines } = this.section(this.indexOf(position));
    const line = lines?.[this.lineIndexAt(lines, position)];
    return line && line.position <= position && position < this.buffer.position ? line : null;
  }

  /** The lines that begin in a range; null where some of them are not held. */
  between(from: number, to: number): readonly LogLine[] | null {
    const found: LogLine[] = [];
    for (let index = this.indexOf(from); index <= this.last; index++) {
      const section = this.section(index);
      if (section.from >= to) break;
      if (section.lines === null) return null;
      for (const line of section.lines) if (line.position >= from && line.position < to) found.push(line);
    }
    return found;
  }

  /** Where a section begins, in pixels. */
  offsetOf(index: number): number {
    return this.#settle()[index] ?? 0;
  }

  /** The section at so many pixels. */
  indexAt(offset: number): number {
    const offsets = this.#settle();
    let [low, high] = [0, this.last];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((offsets[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  get height(): number {
    return this.offsetOf(this.last) + this.section(this.last).height;
  }

  /** How many lines there are, of all streams; `exact`: nothing of it is a guess. */
  count(): { lines: number; exact: boolean } {
    return { lines: Math.round(this.#outlined) + this.buffer.count, exact: this.#exact };
  }

  /** They were read for this filter. */
  hold(part: LogPart, lines: readonly LogLine[], filter: Filter = this.#filter): void {
    if (filter !== this.#filter || part.lines !== null) return;
    part.lines = lines;
    part.rows[filter] = lines.length;
    const characters = sum(lines, ({ text }) => text.length);
    this.#held.set(part, { height: 0, epoch: -1, characters });
    this.#heldLines += lines.length;
    this.#heldCharacters += characters;
    this.#offsets = null;
  }

  letGo(part: LogPart): void {
    const held = this.#held.get(part);
    if (!held || part.lines === null) return;
    this.#heldLines -= part.lines.length;
    this.#heldCharacters -= held.characters;
    this.#held.delete(part);
    part.lines = null;
    this.#offsets = null;
  }

  /** Keeps what is looked at, and lets go of the rest down to the bound. */
  look(sections: readonly number[]): void {
    const looked = new Set(sections.map((index) => this.#parts[index]));
    for (const part of looked) {
      const held = part && this.#held.get(part);
      if (!held) continue;
      this.#held.delete(part);
      this.#held.set(part, held);
    }
    for (const part of [...this.#held.keys()]) {
      if (this.#heldLines <= MOST_LINES && this.#heldCharacters <= MOST_CHARACTERS) return;
      if (!looked.has(part)) this.letGo(part);
    }
  }

  /** The live end stays small: what is older becomes parts, which are held as all others are. */
  settleEnd(): void {
    const { buffer } = this;
    const bytes = () => (buffer.lines.at(-1)?.position ?? 0) - buffer.start;
    while ((buffer.lines.length > END_LINES && bytes() >= 2 * AHEAD) || (bytes() > END_BYTES && buffer.lines.length > 1)) {
      const from = buffer.start;
      // None is shorter than what is read beyond it.
      const beyond = buffer.lines.findIndex(
        ({ position }, index) => (index >= PART_LINES && position - from >= AHEAD) || position - from >= PART_BYTES,
      );
      const lines = buffer.handOn(beyond);
      const rows = { stdout: 0, stderr: 0 };
      for (const line of lines) rows[line.stream]++;
      const part: LogPart = { from, to: buffer.start, dropped: 0, counted: { ...rows }, rows: { ...rows, all: lines.length }, lines: null };
      this.#parts.push(part);
      this.hold(part, this.#ofFilter(lines));
    }
  }

  /** A row was drawn and measured. */
  measured(section: number, line: LogLine, height: number): void {
    const difference = this.heights.measured(line, height);
    if (difference === 0) return;
    const part = this.#parts[section];
    const held = part && this.#held.get(part);
    if (held) {
      held.height += difference;
      this.#offsets = null;
    } else if (this.#end) this.#end.height += difference;
  }

  #ofFilter(lines: readonly LogLine[]): readonly LogLine[] {
    return this.#filter === 'all' ? lines : lines.filter(({ stream }) => stream === this.#filter);
  }

  #endNow(): End {
    const { version, start } = this.buffer;
    const { epoch } = this.heights;
    const known = this.#end;
    if (known && known.version === version && known.filter === this.#filter && known.start === start && known.epoch === epoch) return known;
    const lines = this.#ofFilter(this.buffer.lines);
    this.#end = { version, start, filter: this.#filter, epoch, lines, height: sum(lines, (line) => this.heights.of(line)) };
    return this.#end;
  }

  #heightOf(part: LogPart): number {
    const held = this.#held.get(part);
    if (!held || part.lines === null) return this.#guess(part);
    if (held.epoch !== this.heights.epoch) {
      held.height = sum(part.lines, (line) => this.heights.of(line));
      held.epoch = this.heights.epoch;
    }
    return held.height;
  }

  #guess(part: LogPart): number {
    const rows = rowsOf(part, this.#filter);
    const { columns } = this.heights;
    if (columns === null || this.#filter !== 'all' || part.dropped > 0) return rows * ROW;
    // A line that is wrapped fills its last row by half.
    return (
      Math.max(rows, (part.to - part.from) / columns + rows * Math.min(0.5, (part.to - part.from) / Math.max(1, rows) / columns / 2)) * ROW
    );
  }

  #settle(): readonly number[] {
    if (this.#offsets && this.#epoch === this.heights.epoch) return this.#offsets;
    let offset = 0;
    const offsets = this.#parts.map((part) => {
      const begin = offset;
      offset += this.#heightOf(part);
      return begin;
    });
    offsets.push(offset);
    this.#offsets = offsets;
    this.#epoch = this.heights.epoch;
    return offsets;
  }
}

/** Every part of the whole log has a row to be seen by, so that it is read when it comes into sight. */
function rowsOf({ rows, counted, from, to, dropped }: LogPart, filter: Filter): number {
  const seen = rows[filter];
  if (seen !== undefined) return seen;
  const byBytes = Math.max(1, (to - from - dropped) / LINE_BYTES);
  if (filter !== 'all') return counted[filter] ?? byBytes;
  return Math.max(1, counted.stdout === null || counted.stderr === null ? byBytes : counted.stdout + counted.stderr);
}
