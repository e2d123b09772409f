/**
 * The engine's own record of a container's output, as the source of what no attachment brought: after the agent was started again, and where the engine was
 * away. First the place where the output that is here ends is looked for (record-place.ts); from there on everything is new.
 *
 * What was written by then is read as it stands, and only somebody who has caught up follows: an engine that is followed goes from one file of the record to the
 * next as they are filled, and a reader that is more than a file behind would miss one (Docker 20.10). For the same reason a reading that
 * follows is closed, not paused, where there is no room for more; it goes on from its mark. So it does where the engine gives a file once more: one
 * that heard of the next file only after it had read of it begins that one again.
 */
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { ContainerEngine, OutputReading, OutputStream, RecordSink } from '../engine/container-engine.ts';
import { millisecondsOf, type RecordTime, recordTimeAt, shifted } from '../engine/record-time.ts';
import type { Offsets, OutputBuffer } from './output-buffer.ts';
import { beginning, DISORDER_MS, MarkedReading, type Place, PlaceSearch, type RecordMark } from './record-place.ts';

const STREAMS = ['stdout', 'stderr'] as const;
/** Who read no more than this to the end has caught up. */
const CAUGHT_UP_BYTES = 256 * 1024;
/** Who follows and is this far behind after so many bytes has not. */
const BEHIND = { ms: 1000, bytes: 1024 * 1024 };
/**
 * How far the record is read back before a time that is wanted. Docker 20.10 leaves out a packed file of the record if it ends before that time, and takes for
 * its end the time of a message that it has put back into its pool: one that is minutes old at most, until the pool is emptied.
 */
const EARLIER_MS = 300_000;
/** Of the record: its files but the one that is written, but for a message at the end of each. Where less was ever recorded, nothing was rotated away. */
const CERTAIN = 0.73;
/** What the engine's files have beside the bytes of each line: its length twice, its stream and its time (moby daemon/logger/local). */
const MESSAGE_OVERHEAD = 27;

type Both<T> = Record<OutputStream, T>;
const both = <T>(of: (stream: OutputStream) => T): Both<T> => ({ stdout: of('stdout'), stderr: of('stderr') });
const otherOf = (stream: OutputStream): OutputStream => (stream === 'stdout' ? 'stderr' : 'stdout');

/** Where a life of the container begins: in the record by time, in its streams by bytes. */
export interface RecordBase {
  since: RecordTime | null;
  offsets: Offsets;
}

export interface EngineRecordOptions {
  containerId: string;
  tty: boolean;
  engine: Pick<ContainerEngine, 'readLogs' | 'recordBytes'>;
  /** What of a reading must not be seen is masked, as it is in what is here. `isLast`: its end is that of the output. */
  mask: (sink: RecordSink, isLast: boolean) => RecordSink;
  /** What is here: all that is told goes behind it. */
  buffer: OutputBuffer;
  /** The last life that begins before the end of what is here. */
  base: () => RecordBase;
  /** The ends of what is stored are in the buffer; false where they cannot be asked for now. */
  tails: () => Promise<boolean>;
  roomy: () => boolean;
  data: (stream: OutputStream, bytes: Buffer, at: number) => void;
  /** Output is missing here, and nobody knows how much. */
  missing: (stream: OutputStream, why: string, at: number) => void;
  /** The container has ended, and all of its record was read. */
  over: () => void;
  /** `gone`: there is no such container any more. */
  failed: (why: string, gone: boolean) => void;
  log: (message: string, detail: object) => void;
}

interface Reading {
  source: OutputReading | null;
  paused: boolean;
  /** Begun after the container's end: what it has is all. */
  final: boolean;
  openedAt: number;
}

interface Searched {
  since: RecordTime | null;
  offsets: Offsets | null;
  /** Nothing is here, and something may have been rotated away before it was. */
  cut: boolean;
  /** So little is recorded that nothing was. */
  isWhole: boolean;
}

interface Sink {
  data(stream: OutputStream, bytes: Buffer, time: RecordTime | null, reading: Reading): void;
  end(inDoubt: Both<boolean>, reading: Reading): void;
  /** The engine went away meanwhile. */
  broke(): void;
}

export class EngineRecord {
  readonly #options: EngineRecordOptions;
  #reading: Reading | null = null;
  #asking = false;
  #closed = false;
  #final = false;
  #caughtUp = true;
  /** Where the output that is here ends; null: not known. */
  #marks: Both<RecordMark> | null = null;
  /** A terminal's marks count from here. */
  #from: RecordTime | null = null;
  /** The message of the mark was not in what the engine gave from its time on. */
  #whole = false;
  /** A reading did not come to its mark, and the place was looked for again. */
  #missed = false;

  constructor(options: EngineRecordOptions) {
    this.#options = options;
  }

  /** Reads on. `final`: the container has ended. */
  read(final: boolean): void {
    this.#final = final;
    if (this.#closed || this.#asking) return;
    if (this.#reading) {
      if (!this.#reading.paused) return;
      this.#reading.paused = false;
      this.#reading.source?.resume();
    } else if (this.#marks) this.#readOn(this.#marks);
    else void this.#locate();
  }

  close(): void {
    this.#closed = true;
    this.#stop();
  }

  #stop(): void {
    this.#reading?.source?.close();
    this.#reading = null;
  }

  // ── where the output that is here ends ──

  async #locate(): Promise<void> {
    this.#asking = true;
    const known = await this.#options.tails();
    this.#asking = false;
    if (this.#closed) return;
    if (!known) {
      this.#options.failed('Berth does not say now what it has of it', false);
      return;
    }
    const { buffer, base, engine } = this.#options;
    const { since, offsets } = base();
    const ats = STREAMS.map((stream) => buffer.tail.of(stream).at).filter((at) => at !== null);
    const at = ats.length > 0 ? Math.min(...ats) : null;
    const ahead = STREAMS.reduce((sum, stream) => sum + buffer.next[stream] - offsets[stream], 0);
    // A clock that was set back would hide what came since.
    const long = ahead > engine.recordBytes * (1 - CERTAIN) && at !== null && at <= Date.now();
    const near = long ? recordTimeAt(at - EARLIER_MS) : null;
    if (near !== null && (since === null || near > since)) this.#search(near, null);
    else this.#search(since, offsets);
  }

  /** `offsets`: bytes of each stream before `since`; null where that is not known. */
  #search(since: RecordTime | null, offsets: Offsets | null): void {
    const { buffer, engine } = this.#options;
    const searches = both((stream) => new PlaceSearch(buffer.next[stream], buffer.tail.of(stream), offsets?.[stream] ?? null));
    const nothingHere = STREAMS.every((stream) => searches[stream].fresh);
    const certain = engine.recordBytes * CERTAIN;
    const sure = () => STREAMS.every((stream) => searches[stream].sure);
    let recorded = 0;
    let behind = 0;
    let over = false;
    /** A message is from the future, or older than one before it: the clock was set back, and `since` is no place in the record. */
    let setBack = false;
    let latest = 0;
    const end = () => {
      if (over) return;
      over = true;
      this.#stop();
      // What was written before `since` was given too, and counted as if it came after.
      if (setBack && since !== null && offsets !== null) return this.#search(null, { stdout: 0, stderr: 0 });
      this.#caughtUp = sure() && behind <= CAUGHT_UP_BYTES;
      this.#located(searches, { since, offsets, cut: nothingHere && recorded >= certain, isWhole: recorded < certain });
    };
    this.#open(since, false, {
      data: (stream, bytes, time) => {
        if (time !== null) {
          const at = millisecondsOf(time);
          setBack ||= at > Date.now() + DISORDER_MS || at < latest - DISORDER_MS;
          latest = Math.max(latest, at);
        }
        if (sure()) behind += bytes.length;
        searches[stream].push(bytes, time);
        recorded += bytes.length + MESSAGE_OVERHEAD;
        // Whether nothing was rotated away, where nothing is here, only its length tells.
        if (nothingHere ? recorded >= certain : behind > CAUGHT_UP_BYTES) end();
      },
      broke: () => undefined,
      end,
    });
  }

  #located(searches: Both<PlaceSearch>, { since, offsets, cut, isWhole }: Searched): void {
    const places = both((stream) => searches[stream].end(searches[otherOf(stream)].time, isWhole));
    const all = STREAMS.every((stream) => places[stream].found);
    const found = STREAMS.some((stream) => places[stream].found && !searches[stream].fresh);
    const lost = cut || (!found && !all);
    if (offsets === null && !all) {
      const { since: begin, offsets: before } = this.#options.base();
      this.#search(begin, before);
      return;
    }
    if (lost) this.#tellMissing(searches, places);
    this.#from = since;
    this.#marks = both((stream) => notBefore(since, markOf(places[stream], searches[otherOf(stream)].time)));
    this.read(this.#final);
  }

  /** Where one stream has its place, the record goes back to what is here: then the other has merely not written since. */
  #tellMissing(searches: Both<PlaceSearch>, places: Both<Place>): void {
    const { buffer, engine, missing, log } = this.#options;
    for (const stream of STREAMS) {
      const { at } = buffer.tail.of(stream);
      const place = places[stream];
      if (!searches[stream].seen && buffer.next[stream] === 0) continue;
      const oldest = place.found ? place.mark.time : place.oldest;
      const from = at === null ? '' : ` from ${new Date(at).toISOString()} on`;
      const until = oldest === null ? '' : `, and what is left begins at ${new Date(millisecondsOf(oldest)).toISOString()}`;
      const kept = formatBytes(engine.recordBytes);
      const why = `nobody listened${from}, the container engine keeps the last ${kept} of its output${until}: how much is missing is not known`;
      missing(stream, why, oldest === null ? (at ?? Date.now()) : millisecondsOf(oldest));
      log('output was rotated away before it was read', { stream, why });
    }
  }

  // ── what is new ──

  #readOn(marks: Both<RecordMark>): void {
    const { tty } = this.#options;
    const streams = both((stream) => new MarkedReading(marks[stream]));
    const follow = !this.#final && this.#caughtUp;
    let brought = 0;
    const keep = () => {
      // A terminal's record has no times: the next reading looks for its place.
      this.#marks = tty ? null : both((stream) => streams[stream].mark(streams[otherOf(stream)].time));
    };
    // Before the mark there are later times than its own where the clock was set back in between. They are in the future; or, once the clock has come
    // there again, before the reading was opened, in which the mark then is: it has just been found.
    const proves = (time: RecordTime, { openedAt }: Reading) => {
      const at = millisecondsOf(time);
      return at <= Date.now() && (!this.#missed || at > openedAt);
    };
    const leave = () => {
      keep();
      this.#stop();
      this.#caughtUp = false;
    };
    this.#open(tty ? this.#from : this.#whole ? null : sinceOf(marks), follow, {
      data: (stream, bytes, time, reading) => {
        if (follow && streams[stream].isAgain(time, Date.now())) {
          leave();
          this.read(this.#final);
          return;
        }
        const fresh = streams[stream].take(bytes, time, (later) => proves(later, reading));
        if (fresh === null) {
          this.#missed = true;
          this.#stop();
          this.#marks = null;
          void this.#locate();
          return;
        }
        const at = time === null ? Date.now() : millisecondsOf(time);
        for (const piece of fresh) {
          if (piece.length === 0) continue;
          brought += piece.length;
          this.#options.data(stream, piece, at);
        }
        if (!this.#options.roomy()) {
          if (follow) leave();
          else this.#pause(reading);
        } else if (follow && time !== null && brought > BEHIND.bytes && at > reading.openedAt && Date.now() - at > BEHIND.ms) {
          leave();
          this.read(this.#final);
        }
      },
      broke: keep,
      end: (inDoubt, reading) => {
        const moved = STREAMS.every((stream) => streams[stream].reached);
        keep();
        this.#stop();
        if (follow) {
          // It ends with the container, which somebody else tells, and then the rest is read.
          this.#caughtUp = false;
          if (this.#final) this.read(true);
          return;
        }
        if (!moved && !this.#whole) {
          this.#whole = true;
          this.read(this.#final);
          return;
        }
        this.#whole = false;
        if (!moved) {
          this.#marks = null;
          this.#options.failed('the engine has let go of what was read last', false);
          return;
        }
        this.#caughtUp = brought <= CAUGHT_UP_BYTES;
        if (reading.final) this.#settle(streams, inDoubt);
        else this.read(this.#final);
      },
    });
  }

  #pause(reading: Reading): void {
    reading.paused = true;
    reading.source?.pause();
  }

  /** The record is over. A last line without an end may have been given one by the engine, or by the container: its newline is not told. */
  #settle(streams: Both<MarkedReading>, inDoubt: Both<boolean>): void {
    for (const stream of STREAMS) {
      const { past, time } = streams[stream];
      if (inDoubt[stream] && past) this.#options.data(stream, Buffer.from('\n'), time === null ? Date.now() : millisecondsOf(time));
    }
    this.#options.over();
  }

  #open(since: RecordTime | null, follow: boolean, sink: Sink): void {
    const { engine, containerId, tty, failed, mask } = this.#options;
    const reading: Reading = { source: null, paused: false, final: this.#final, openedAt: Date.now() };
    this.#reading = reading;
    const current = () => this.#reading === reading;
    const plain: RecordSink = {
      data: (stream, bytes, time) => {
        if (current()) sink.data(stream, bytes, time, reading);
      },
      end: (failure, inDoubt) => {
        if (!current()) return;
        if (failure === null) {
          sink.end(inDoubt, reading);
          return;
        }
        sink.broke();
        this.#stop();
        failed(failure.message, false);
      },
    };
    const heard = mask(plain, reading.final);
    void engine.readLogs({ containerId, tty, follow, since }, heard).then((opened) => {
      if (!current()) {
        if (opened.ok) opened.value.close();
        return;
      }
      if (!opened.ok) {
        this.#reading = null;
        failed(opened.failure.message, opened.failure.kind === 'cannot-ever');
        return;
      }
      reading.source = opened.value;
      if (reading.paused) opened.value.pause();
    });
  }
}

/** Of a stream that has no place: all that there is of it is new. */
function markOf(place: Place, other: RecordTime | null): RecordMark {
  if (place.found) return place.mark;
  if (place.oldest === null) return beginning(other && shifted(other, -DISORDER_MS));
  return { ...beginning(place.oldest), exact: true };
}

/** A stream that has nothing yet from where the life begins has not all of the record before it either. */
function notBefore(since: RecordTime | null, mark: RecordMark): RecordMark {
  return since !== null && !mark.exact && (mark.time === null || mark.time < since) ? { ...mark, time: since } : mark;
}

/** From where on the record has to be read for both marks. */
function sinceOf({ stdout, stderr }: Both<RecordMark>): RecordTime | null {
  if (stdout.time === null || stderr.time === null) return null;
  return shifted(stdout.time < stderr.time ? stdout.time : stderr.time, -EARLIER_MS);
}
