/**
 * PURE. Where the output that is here ends in the engine's record. The record begins with the container's first byte only until it is rotated, and does
 * not tell; so the place is known by its bytes and its time, and by the number of bytes only where those agree.
 */
import { millisecondsOf, type RecordTime, recordTimeAt, shifted } from '../engine/record-time.ts';
import type { StreamTail } from './output-tail.ts';
import { TailSearch } from './tail-search.ts';

/** A place in the record, for a reading that begins somewhat before it. */
export interface RecordMark {
  /** Of the message from which on bytes are counted; null: from the first one on. */
  time: RecordTime | null;
  /** There is a message of exactly that time; else the first one that is not older counts. */
  exact: boolean;
  /** So many bytes from there on lie before the place. */
  skip: number;
  /** What is here and the record had not taken yet: the beginning of a line. It lies before the place where it is what follows. */
  pending: Buffer;
}

export type Place =
  | { found: true; mark: RecordMark }
  /** The record has nothing of it. `oldest`: the time of the first message of the stream; null where there is none. */
  | { found: false; oldest: RecordTime | null };

interface Candidate {
  mark: RecordMark;
  /** Milliseconds between its time and the one that is wanted. */
  distance: number;
}

const NOTHING = Buffer.alloc(0);
const NEWLINE = 10;
/** A piece of output and the message that holds it are of the same time but for this, in milliseconds: the engine writes one and sends the other. */
const SAME_TIME_MS = 2000;
/** What the engine recorded this long after the last byte that it sent, it has not sent. */
const AFTERWARDS_MS = 500;
/** So many bytes that agree are no accident. */
const TELLING_BYTES = 64;
/** The engine records lines, and of a line without an end pieces of this size: what it sent is ahead of its record by less. */
const MESSAGE_BYTES = 16 * 1024;
/** Messages of two streams may stand in another order than that of their times, by less than this. */
export const DISORDER_MS = 2000;

export const beginning = (time: RecordTime | null): RecordMark => ({ time, exact: false, skip: 0, pending: NOTHING });

/** Of one stream. `next`: bytes of it that are here. `base`: those before the first message that is read; null where that is not known. */
export class PlaceSearch {
  readonly #next: number;
  readonly #at: number | null;
  readonly #wanted: Buffer;
  readonly #search: TailSearch | null;
  /** Of what is here all but the line that has not ended: an engine that stopped within it may never have recorded its beginning. */
  readonly #lines: { search: TailSearch; begun: Buffer } | null;
  readonly #counted: boolean;
  readonly #base: number;
  #position: number;
  #time: RecordTime | null = null;
  #distance = 0;
  /** Bytes of messages of this time so far. */
  #same = 0;
  #oldest: RecordTime | null = null;
  #seen = false;
  #sure: RecordMark | null = null;
  #candidates = 0;
  #best: Candidate | null = null;
  /** Bytes and their number agree, whatever the time. */
  #byCount: RecordMark | null = null;
  #lineCandidates = 0;
  #bestLine: Candidate | null = null;

  constructor(next: number, tail: StreamTail, base: number | null) {
    this.#next = next;
    this.#at = tail.at;
    this.#counted = base !== null;
    this.#base = base ?? 0;
    this.#position = this.#base;
    // What lies before the first message cannot be found.
    const most = base === null ? tail.bytes.length : Math.min(tail.bytes.length, next - base);
    this.#wanted = Buffer.from(tail.bytes.subarray(tail.bytes.length - most));
    this.#search = most > 0 ? new TailSearch(this.#wanted) : null;
    const whole = this.#wanted.lastIndexOf(NEWLINE) + 1;
    this.#lines =
      whole >= TELLING_BYTES && whole < this.#wanted.length
        ? { search: new TailSearch(this.#wanted.subarray(0, whole)), begun: this.#wanted.subarray(whole) }
        : null;
  }

  /** Nothing of what is read is here already. */
  get fresh(): boolean {
    return this.#next === this.#base;
  }

  get seen(): boolean {
    return this.#seen;
  }

  get time(): RecordTime | null {
    return this.#time;
  }

  /** Nothing that follows can be a better place. */
  get sure(): boolean {
    return this.fresh || this.#sure !== null;
  }

  push(bytes: Buffer, time: RecordTime | null): void {
    if (!this.#seen) this.#oldest = time;
    if (!this.#seen || time !== this.#time) this.#enter(time);
    this.#seen = true;
    if (!this.sure) this.#look(bytes);
    this.#position += bytes.length;
    this.#same += bytes.length;
  }

  #enter(time: RecordTime | null): void {
    this.#time = time;
    this.#same = 0;
    this.#distance = time === null || this.#at === null ? 0 : Math.abs(millisecondsOf(time) - this.#at);
  }

  #look(bytes: Buffer): void {
    if (this.#search) {
      this.#search.push(bytes, (length) => this.#candidate(length));
      if (this.#lines) this.#lookForLines(bytes, this.#lines);
      return;
    }
    // Its bytes are not known: the number of them and the time are what is left.
    const length = this.#next - this.#position;
    if (this.#counted && length > 0 && length <= bytes.length) this.#candidate(length);
  }

  #lookForLines(bytes: Buffer, { search, begun }: { search: TailSearch; begun: Buffer }): void {
    search.push(bytes, (length) => {
      this.#lineCandidates++;
      const mark = { time: this.#time, exact: this.#time !== null, skip: this.#same + length, pending: begun };
      if (this.#bestLine === null || this.#distance < this.#bestLine.distance) this.#bestLine = { mark, distance: this.#distance };
    });
  }

  #candidate(length: number): void {
    if (this.#sure) return;
    this.#candidates++;
    const mark = { time: this.#time, exact: this.#time !== null, skip: this.#same + length, pending: NOTHING };
    const agrees = this.#counted && this.#position + length === this.#next;
    if (agrees) this.#byCount = mark;
    if (agrees && this.#distance <= SAME_TIME_MS) this.#sure = mark;
    // Of equal places the one of the right time; without times the first, so that rather something comes twice than not at all.
    else if (this.#best === null || this.#distance < this.#best.distance) this.#best = { mark, distance: this.#distance };
  }

  /**
   * All is read that is to be read. `other`: as far as the other stream was read. `isWhole`: nothing of the record was rotated away, so the number of
   * bytes is right; their times may be further apart on a machine that has much to do.
   */
  end(other: RecordTime | null, isWhole = false): Place {
    if (this.fresh) return { found: true, mark: this.#freshMark(other) };
    const place =
      this.#sure ??
      (isWhole ? this.#byCount : null) ??
      this.#behindByCount() ??
      this.#likely(this.#best, this.#candidates) ??
      this.#likely(this.#bestLine, this.#lineCandidates) ??
      this.#behind() ??
      this.#byTime();
    return place ? { found: true, mark: place } : { found: false, oldest: this.#oldest };
  }

  #freshMark(other: RecordTime | null): RecordMark {
    if (!this.#seen) return beginning(other && shifted(other, -DISORDER_MS));
    return this.#oldest === null ? beginning(null) : { ...beginning(this.#oldest), exact: true };
  }

  /** That of the right time; or the only one, if that is no accident: what is stored may have been given a later time by an agent of version 3. */
  #likely(best: Candidate | null, candidates: number): RecordMark | null {
    if (best === null) return null;
    const only = candidates === 1 && this.#wanted.length >= TELLING_BYTES;
    return only || best.distance <= SAME_TIME_MS ? best.mark : null;
  }

  /** The record has not yet taken the last bytes, and by their number it is so, too. */
  #behindByCount(): RecordMark | null {
    const missing = this.#next - this.#position;
    if (!this.#counted || missing <= 0 || missing > this.#wanted.length) return null;
    const overlap = this.#wanted.length - missing;
    const agrees = overlap === 0 ? !this.#seen : [...(this.#search?.overlaps() ?? [])].includes(overlap);
    return agrees ? this.#endMark(overlap) : null;
  }

  #behind(): RecordMark | null {
    const [overlap = 0] = this.#search?.overlaps() ?? [];
    return overlap >= TELLING_BYTES && this.#wanted.length - overlap < MESSAGE_BYTES ? this.#endMark(overlap) : null;
  }

  #endMark(overlap: number): RecordMark {
    return { time: this.#time, exact: this.#time !== null, skip: this.#same, pending: this.#wanted.subarray(overlap) };
  }

  /** All of it was read, and it reaches back behind the last byte, which is not in it: an engine that was killed had sent more than it had recorded. */
  #byTime(): RecordMark | null {
    if (!this.#counted || this.#oldest === null || this.#at === null || millisecondsOf(this.#oldest) > this.#at) return null;
    return beginning(recordTimeAt(this.#at + AFTERWARDS_MS));
  }
}

/** Gives of one stream what lies behind the mark, and keeps the mark where the reading is. */
export class MarkedReading {
  #mark: RecordMark;
  #skip: number;
  #pending: Buffer;
  #matched = 0;
  #reached = false;
  #time: RecordTime | null = null;
  #same = 0;
  /** What was taken last ends its line. */
  #lineEnded = false;

  constructor(mark: RecordMark) {
    this.#mark = mark;
    this.#skip = mark.skip;
    this.#pending = mark.pending;
  }

  /**
   * A message of this time was in the reading before. Messages of one long line have one time, and of no two lines. A clock that was set back has later
   * times before earlier ones, too: what was written before it was lies in the future then. `now`: by that clock, in milliseconds.
   */
  isAgain(time: RecordTime | null, now: number): boolean {
    if (!this.#reached || time === null || this.#time === null || millisecondsOf(this.#time) > now) return false;
    return time < this.#time || (time === this.#time && this.#lineEnded);
  }

  /** Null: the message of the mark is no longer there. `proves` that: whether a message of a later time was written after it. */
  take(bytes: Buffer, time: RecordTime | null, proves: (time: RecordTime) => boolean = () => true): Buffer[] | null {
    if (!this.#reached) {
      const { time: from, exact } = this.#mark;
      if (from !== null && time !== null && (exact ? time !== from : time < from)) {
        return exact && time > shifted(from, DISORDER_MS) && proves(time) ? null : [];
      }
      this.#reached = true;
    }
    if (time !== this.#time) this.#same = 0;
    this.#time = time;
    this.#same += bytes.length;
    this.#lineEnded = bytes.at(-1) === NEWLINE;
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    return this.#withoutPending(bytes.subarray(skipped));
  }

  #withoutPending(bytes: Buffer): Buffer[] {
    if (this.#pending.length === 0) return [bytes];
    const length = Math.min(this.#pending.length - this.#matched, bytes.length);
    if (bytes.compare(this.#pending, this.#matched, this.#matched + length, 0, length) !== 0) {
      // The engine never recorded it: all that follows is new.
      const swallowed = this.#pending.subarray(0, this.#matched);
      this.#pending = NOTHING;
      return [swallowed, bytes];
    }
    this.#matched += length;
    if (this.#matched === this.#pending.length) this.#pending = NOTHING;
    return [bytes.subarray(length)];
  }

  /** The message of the mark was there, or none is waited for. */
  get reached(): boolean {
    return this.#reached || !this.#mark.exact;
  }

  /** All before the place was in the record, and left out. */
  get past(): boolean {
    return this.#skip === 0 && this.#pending.length === 0;
  }

  /** Where the next reading goes on. `other`: as far as the other stream was read. */
  mark(other: RecordTime | null): RecordMark {
    if (this.#reached && this.#skip === 0) {
      const pending = this.#pending.subarray(this.#pending.length === 0 ? 0 : this.#matched);
      return { time: this.#time, exact: this.#time !== null, skip: this.#same, pending };
    }
    const { exact, time, pending } = this.#mark;
    if (exact || pending.length > 0 || other === null) return this.#mark;
    const reached = shifted(other, -DISORDER_MS);
    return time !== null && time > reached ? this.#mark : beginning(reached);
  }

  get time(): RecordTime | null {
    return this.#time;
  }
}
