/**
 * All output of one attempt, on its way up: every byte once and in order (law L7), and the container never waits for it.
 *
 * Live bytes come from the attachment. When more is held than may be (the way up is slower than the container), what the attachment brings goes to
 * a spool on the disk of the host, and comes from there at the pace of the way up, until the spool is empty and the two meet. Where there is no
 * attachment, or it broke (the agent was started again, the engine was away), the engine's own record is read from where what is held or stored
 * ends in it (engine-record.ts). Invariant: bytes enter the buffer from one source at a time, at `buffer.next`: the spool, then the record, then the attachment.
 */
import type { Outcome } from '@berth/shared/errors/outcome';
import { formatBytes } from '@berth/shared/model/quantity-text';
import type { ContainerEngine, OutputReading, OutputSink, OutputStream } from '../engine/container-engine.ts';
import { recordTimeAt } from '../engine/record-time.ts';
import { KEPT_STARTS, type LifeStart } from '../planner/lives.ts';
import { maskRecord } from '../secrets/masked-record.ts';
import { maskOutput } from '../secrets/masked-stream.ts';
import type { Masking } from '../secrets/secret-values.ts';
import { EngineRecord, type RecordBase } from './engine-record.ts';
import type { OutputBudget } from './output-budget.ts';
import { type Offsets, OutputBuffer } from './output-buffer.ts';
import type { OutputSpool } from './output-spool.ts';
import type { StreamTail } from './output-tail.ts';
import type { SpoolRoom } from './spool-room.ts';

const STREAMS = ['stdout', 'stderr'] as const;
const RETRY_MS = 1000;
/** Of a container whose output nobody heard to its end. */
const REMOVED =
  'its container was removed before the record of its output was read to the end: whether something is missing, and how much, is not known';

/** What the api has of a stream: how much, and its end. */
export type StoredTail = StreamTail & { stream: OutputStream; offset: number };

export interface AttemptOutputOptions {
  attemptId: string;
  tty: boolean;
  engine: Pick<ContainerEngine, 'attach' | 'readLogs' | 'recordBytes'>;
  budget: OutputBudget;
  spool: SpoolRoom;
  /** Asks the api for the ends of what it has stored. `unknown`: it cannot say. `later`: it does not answer now. */
  storedTails: () => Promise<StoredTail[] | 'unknown' | 'later'>;
  /** What of it must not leave the host. Asked until it is known. */
  masking: () => Masking;
  /** There is more to send, or all is there. */
  changed: () => void;
  log: (message: string, detail: object) => void;
}

export class AttemptOutput {
  readonly buffer: OutputBuffer;
  readonly #options: AttemptOutputOptions;
  #containerId: string | null = null;
  #attachment: OutputReading | null = null;
  /** The attachment was there from the start, and has not broken: all of the output comes, or came, by it. */
  #attached = false;
  /** What it brings goes straight into the buffer. */
  #live = false;
  /** What it brought and the buffer had no room for. */
  #spool: OutputSpool | null = null;
  #draining = false;
  #attachmentEnded: (() => void) | null = null;
  #record: EngineRecord | null = null;
  /** The container has ended: the record is complete, and its end is the end of the output. */
  #final = false;
  #complete = false;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;
  #masking: Masking = 'unknown';
  #done: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Where the record of each life begins; before the first one, at its beginning. */
  #starts: readonly LifeStart[] = [];

  constructor(options: AttemptOutputOptions) {
    this.#options = options;
    this.buffer = new OutputBuffer(options.attemptId, { stdout: 0, stderr: 0 });
  }

  /** Every byte that the container wrote is in the buffer, or was. */
  get complete(): boolean {
    return this.#complete;
  }

  /** What is not known yet is not read: what it shows of a secret would not be masked. */
  get #masked(): Masking {
    if (this.#masking === 'unknown') this.#masking = this.#options.masking();
    return this.#masking;
  }

  /** Listens before the container starts: nothing is missed. */
  async attach(containerId: string): Promise<Outcome<void>> {
    if (this.#masked === 'unknown') {
      return { ok: false, failure: { kind: 'cannot-now', reason: 'waiting-for-agent', message: 'its secrets are not known yet' } };
    }
    this.#containerId = containerId;
    if (this.#complete) this.#reopen();
    this.#attached = true;
    // What it brings is not known to the record's reader.
    this.#stopRecord();
    // What is still on the disk, of the life before, comes first.
    this.#live = this.#spool === null || this.#spool.empty;
    const opened = await this.#options.engine.attach(containerId, this.#options.tty, this.#attachmentSink());
    if (!opened.ok) {
      this.#attached = false;
      this.#live = false;
      return opened;
    }
    this.#attachment = opened.value;
    return { ok: true, value: undefined };
  }

  /** The same container is started again: what it writes follows what it wrote before. */
  #reopen(): void {
    this.#starts = [...this.#starts, { at: Date.now(), ...this.buffer.next }].slice(-KEPT_STARTS);
    this.#final = false;
    this.#complete = false;
    this.#done = Promise.withResolvers();
  }

  /** Masked before anything is kept: the spool is a disk. */
  #attachmentSink(): OutputSink {
    const masking = this.#masked;
    const sink = this.#plainSink();
    return masking === null || masking === 'unknown' ? sink : maskOutput(masking, sink);
  }

  #plainSink(): OutputSink {
    return {
      data: (stream, bytes) => {
        if (!this.#attached) return;
        if (this.#live && this.#options.budget.allows(this.buffer.held, bytes.length)) return this.#append(stream, bytes, Date.now());
        this.#live = false;
        this.#spool ??= this.#options.spool.spoolOf(this.#options.attemptId);
        this.#spool.write(stream, bytes, Date.now());
      },
      end: (failure) => {
        this.#attachment = null;
        // A broken attachment has not brought all: from here on the record alone tells.
        if (failure) this.#distrustAttachment();
        this.#attachmentEnded?.();
        if (failure && !this.#closed) this.pump();
      },
    };
  }

  /** Reads the record from where it is needed, skipping what the api has; what a broken attachment brought is kept. */
  resume(containerId: string, stored: Offsets, starts: readonly LifeStart[]): void {
    if (this.#containerId === null) this.buffer.restart(stored);
    if (starts.length > 0) this.#starts = starts;
    this.#containerId = containerId;
    this.#distrustAttachment();
    this.pump();
  }

  /**
   * The container has ended. Resolves once all of its output is in the buffer. `intact`: the engine was there all the time, so
   * that the end of the attachment is the end of the output. `patienceMs`: for an attachment that does not end.
   */
  async finish(containerId: string, intact: boolean, patienceMs: number): Promise<void> {
    this.#containerId = containerId;
    if (!intact) this.#distrustAttachment();
    if (this.#attachment) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#attachmentEnded = resolve;
      const timer = setTimeout(resolve, patienceMs);
      await promise;
      clearTimeout(timer);
      if (this.#attachment) this.#distrustAttachment();
    }
    this.#final = true;
    if (this.#live) this.#completed();
    else this.pump();
    await this.#done.promise;
  }

  /**
   * It was attached for a start that came to nothing: nothing was written, and what is here is all, as it was before. The record is not asked:
   * read from the time of that start it would have the lives before, too, where the clock was set back.
   */
  async letGo(containerId: string): Promise<void> {
    const intact = this.#attached;
    this.#attachment?.close();
    this.#attachment = null;
    await this.finish(containerId, intact, 0);
  }

  /** From here on the engine's record alone tells, once the spool is read. */
  #distrustAttachment(): void {
    this.#attachment?.close();
    this.#attachment = null;
    this.#attached = false;
    this.#live = false;
  }

  /** What the api has now. */
  acknowledge(stored: Offsets): void {
    if (stored.stdout < this.buffer.acked.stdout || stored.stderr < this.buffer.acked.stderr) {
      // The api has less than it once acknowledged (it was set back): start over from there.
      if (this.#containerId) this.#restartFrom(stored);
      return;
    }
    this.#options.budget.during(this.buffer, () => this.buffer.acknowledge(stored));
    this.pump();
  }

  #restartFrom(stored: Offsets): void {
    this.#options.budget.during(this.buffer, () => this.buffer.restart(stored));
    // What lies between is only in the record, and with it all that follows.
    this.#distrustAttachment();
    this.#dropSpool();
    this.#complete = false;
    this.#stopRecord();
    this.pump();
  }

  /** Reads on, from the spool or from the record, where something is missing and there is room. */
  pump(): void {
    if (this.#closed || this.#live || this.#complete || this.#draining || !this.#containerId) return;
    if (!this.#options.budget.roomy(this.buffer.held)) return;
    if (this.#spool && !this.#spool.empty) void this.#drain(this.#spool);
    else if (this.#attached) {
      // All that it has brought so far is in the buffer: what it brings next continues it.
      this.#live = true;
      if (this.#final) this.#completed();
    } else if (this.#masked !== 'unknown') {
      this.#record ??= this.#recordOf(this.#containerId);
      this.#record.read(this.#final);
    }
  }

  /** One at a time. Ends where there is no more room, or no more to be read. */
  async #drain(spool: OutputSpool): Promise<void> {
    this.#draining = true;
    while (spool === this.#spool && !spool.empty && this.#options.budget.roomy(this.buffer.held)) {
      const entries = await spool.read();
      if (spool !== this.#spool) break;
      for (const { stream, at, data, dropped } of entries) {
        if (dropped === 0) this.#append(stream, data, at);
        else this.#appendLost(stream, dropped, at);
      }
    }
    this.#draining = false;
    if (this.#spool?.empty !== false) this.pump();
  }

  #appendLost(stream: OutputStream, bytes: number, at: number): void {
    const kept = formatBytes(this.#options.spool.most);
    this.buffer.appendDropped(stream, bytes, `the way to Berth was slower than its output, of which the host keeps ${kept} meanwhile`, at);
    this.#options.changed();
  }

  /** Not even one byte may be missing, but a gap has a place, and a place its length. */
  #appendMissing(stream: OutputStream, why: string, at: number): void {
    this.buffer.appendDropped(stream, 1, why, at, true);
    this.#options.changed();
  }

  #dropSpool(): void {
    this.#spool?.close();
    this.#spool = null;
  }

  close(): void {
    this.#closed = true;
    this.#dropSpool();
    this.#attachment?.close();
    this.#attachment = null;
    this.#stopRecord();
    if (this.#retry) clearTimeout(this.#retry);
    this.#options.budget.during(this.buffer, () => this.buffer.restart(this.buffer.next));
    this.#done.resolve();
  }

  #append(stream: OutputStream, bytes: Buffer, at: number): void {
    this.#options.budget.during(this.buffer, () => this.buffer.append(stream, bytes, at));
    this.#options.changed();
  }

  #stopRecord(): void {
    this.#record?.close();
    this.#record = null;
  }

  #recordOf(containerId: string): EngineRecord {
    const { engine, tty, budget, log } = this.#options;
    const masking = this.#masked;
    return new EngineRecord({
      mask: (sink, isLast) => (masking === null || masking === 'unknown' ? sink : maskRecord(masking, sink, isLast)),
      containerId,
      tty,
      engine,
      log,
      buffer: this.buffer,
      base: () => this.#base(),
      tails: () => this.#learnTails(),
      roomy: () => budget.allows(this.buffer.held, 0),
      data: (stream, bytes, at) => this.#append(stream, bytes, at),
      missing: (stream, why, at) => this.#appendMissing(stream, why, at),
      over: () => this.#completed(),
      failed: (why, gone) => {
        if (!gone || !this.#final) return this.#retryLater(why);
        this.#appendMissing('stdout', REMOVED, Date.now());
        this.#completed();
      },
    });
  }

  #base(): RecordBase {
    const { next } = this.buffer;
    const from = this.#starts.findLast(({ stdout, stderr }) => stdout <= next.stdout && stderr <= next.stderr);
    return { since: from ? recordTimeAt(from.at) : null, offsets: { stdout: from?.stdout ?? 0, stderr: from?.stderr ?? 0 } };
  }

  /** False where the api does not answer now. */
  async #learnTails(): Promise<boolean> {
    if (this.buffer.tailKnown) return true;
    const tails = await this.#options.storedTails();
    if (tails === 'later') return false;
    if (tails === 'unknown') return true;
    for (const stream of STREAMS) {
      const tail = tails.find((one) => one.stream === stream);
      if (tail?.offset === this.buffer.next[stream]) this.buffer.tail.restart(stream, tail);
    }
    this.buffer.tailKnown = true;
    return true;
  }

  #retryLater(why: string): void {
    if (this.#closed || this.#retry) return;
    this.#options.log('the output cannot be read now', { attemptId: this.#options.attemptId, why });
    this.#retry = setTimeout(() => {
      this.#retry = null;
      this.pump();
    }, RETRY_MS);
  }

  #completed(): void {
    this.#complete = true;
    this.#done.resolve();
    this.#options.changed();
  }
}
