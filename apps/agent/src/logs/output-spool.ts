/**
 * Output of one attempt that the way up cannot take yet: on the disk of its host, in the order in which it came. The container never waits for the
 * disk either: what the disk or its budget has no room for is counted, and its number stands where the bytes would (law L7).
 *
 * Entries are written in batches, one write at a time, into files of FILE_BYTES, and read back from the first one; a file that is read is
 * removed. They are of this process only: after its death the engine's record tells.
 */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { OutputStream } from '../engine/container-engine.ts';
import type { SpoolRoom } from './spool-room.ts';

export interface SpoolEntry {
  stream: OutputStream;
  /** Milliseconds since 1970, when it came. */
  at: number;
  data: Buffer;
  /** More than 0: so many bytes of the stream are lost here; there are no data then. */
  dropped: number;
}

const STREAMS = ['stdout', 'stderr'] as const;
/** Stream, time, length of the data (its first bit: a gap, with its length as the data). */
const HEAD_BYTES = 13;
const GAP_BYTES = 8;
const GAP_BIT = 0x8000_0000;
/** Of one entry. */
const MOST_DATA = 64 * 1024;
const FILE_BYTES = 16 * 1024 * 1024;
const READ_BYTES = 256 * 1024;
/** Waits in memory for the disk; beyond it bytes are lost. */
const PENDING_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 1000;

interface Part {
  path: string;
  file: FileHandle;
  /** Bytes of it that are on disk. */
  size: number;
  /** What it has taken of the room. */
  room: number;
  /** Nothing is added to it any more. */
  full: boolean;
}

export class OutputSpool {
  readonly #path: string;
  readonly #room: SpoolRoom;
  #pending: SpoolEntry[] = [];
  #pendingBytes = 0;
  /** Lost since the last entry. */
  readonly #lost: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  /** What is on disk and not read: lost where the disk cannot be read any more. */
  readonly #onDisk: Record<OutputStream, number> = { stdout: 0, stderr: 0 };
  #parts: Part[] = [];
  #made = 0;
  /** In the first part. */
  #readAt = 0;
  #writing: Promise<void> | null = null;
  #retryAt = 0;
  #closed = false;

  /** `path`: of its files, each with a number added. */
  constructor(path: string, room: SpoolRoom) {
    this.#path = path;
    this.#room = room;
  }

  /** All that came in was read. */
  get empty(): boolean {
    return this.#pending.length === 0 && !this.#writing && !this.#unread && this.#lost.stdout === 0 && this.#lost.stderr === 0;
  }

  /** Keeps a view of the bytes until they are on disk. */
  write(stream: OutputStream, bytes: Buffer, at: number): void {
    if (this.#closed) return;
    for (let from = 0; from < bytes.length; from += MOST_DATA) {
      const data = bytes.subarray(from, from + MOST_DATA);
      if (this.#pendingBytes + data.length > PENDING_BYTES || !this.#room.take(data.length + HEAD_BYTES)) {
        this.#lost[stream] += data.length;
        continue;
      }
      this.#tellLost(at);
      this.#pending.push({ stream, at, data, dropped: 0 });
      this.#pendingBytes += data.length;
    }
    this.#flush();
  }

  /** The next entries, about READ_BYTES of them; none where all was read. One reading at a time. */
  async read(): Promise<SpoolEntry[]> {
    while (!this.#closed) {
      if (this.#unread) return this.#fromDisk();
      if (this.#writing) {
        await this.#writing;
        continue;
      }
      this.#tellLost(Date.now());
      return this.#fromMemory();
    }
    return [];
  }

  /** Removes its files. What was not read is gone. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#room.give(roomOf(this.#pending));
    this.#pending = [];
    // A write that is under way may still make a file.
    void (this.#writing ?? Promise.resolve()).then(() => this.#removeAll());
  }

  get #unread(): boolean {
    const [first] = this.#parts;
    return first !== undefined && (this.#readAt < first.size || this.#parts.length > 1);
  }

  /** Bytes that were lost stand before what came after them. */
  #tellLost(at: number): void {
    for (const stream of STREAMS) {
      const dropped = this.#lost[stream];
      if (dropped === 0) continue;
      this.#lost[stream] = 0;
      this.#pending.push({ stream, at, data: Buffer.alloc(0), dropped });
    }
  }

  #fromMemory(): SpoolEntry[] {
    let [count, bytes] = [0, 0];
    while (count < this.#pending.length && bytes < READ_BYTES) bytes += this.#pending[count++]?.data.length ?? 0;
    const entries = this.#pending.splice(0, count);
    this.#pendingBytes -= bytes;
    this.#room.give(roomOf(entries));
    return entries;
  }

  async #fromDisk(): Promise<SpoolEntry[]> {
    const first = this.#parts[0];
    if (!first) return [];
    if (this.#readAt >= first.size) {
      this.#parts.shift();
      this.#readAt = 0;
      await this.#remove(first);
      return this.#unread ? this.#fromDisk() : [];
    }
    try {
      const wanted = Math.min(first.size - this.#readAt, READ_BYTES + HEAD_BYTES + MOST_DATA);
      const { buffer, bytesRead } = await first.file.read(Buffer.allocUnsafe(wanted), 0, wanted, this.#readAt);
      const { entries, taken } = parse(buffer.subarray(0, bytesRead));
      if (taken === 0) throw new Error('it ends in the middle of an entry');
      this.#readAt += taken;
      for (const { stream, data } of entries) this.#onDisk[stream] -= data.length;
      if (first.full && this.#readAt >= first.size) {
        this.#parts.shift();
        this.#readAt = 0;
        await this.#remove(first);
      }
      return entries;
    } catch {
      return this.#unreadable();
    }
  }

  /** The disk has failed: what was on it is lost, and stated as one number a stream. */
  async #unreadable(): Promise<SpoolEntry[]> {
    await this.#writing;
    await this.#removeAll();
    const at = Date.now();
    const entries = STREAMS.flatMap((stream): SpoolEntry[] => {
      const dropped = this.#onDisk[stream];
      this.#onDisk[stream] = 0;
      return dropped === 0 ? [] : [{ stream, at, data: Buffer.alloc(0), dropped }];
    });
    return entries;
  }

  #flush(): void {
    if (this.#writing || this.#closed || this.#pending.length === 0 || Date.now() < this.#retryAt) return;
    this.#writing = this.#writeBatch().finally(() => {
      this.#writing = null;
      this.#flush();
    });
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      const part = await this.#partForWriting();
      const buffers = batch.flatMap((entry) => [headOf(entry), entry.data]).filter(({ length }) => length > 0);
      const bytes = buffers.reduce((sum, { length }) => sum + length, 0);
      const { bytesWritten } = await part.file.writev(buffers, part.size);
      if (bytesWritten < bytes) throw new Error('the disk has taken only a part');
      for (const { stream, data } of batch) this.#onDisk[stream] += data.length;
      part.size += bytes;
      part.room += roomOf(batch);
      part.full = part.size >= FILE_BYTES;
    } catch {
      // It is tried again with what comes later; this is lost, before whatever came meanwhile.
      this.#retryAt = Date.now() + RETRY_MS;
      this.#room.give(roomOf(batch));
      this.#pending.unshift(...lostOf(batch));
    }
  }

  async #partForWriting(): Promise<Part> {
    const last = this.#parts.at(-1);
    if (last && !last.full) return last;
    const path = `${this.#path}.${this.#made++}`;
    const part = { path, file: await open(path, 'w+', 0o600), size: 0, room: 0, full: false };
    this.#parts.push(part);
    return part;
  }

  async #removeAll(): Promise<void> {
    const parts = this.#parts;
    this.#parts = [];
    this.#readAt = 0;
    await Promise.all(parts.map((part) => this.#remove(part)));
  }

  async #remove({ path, file, room }: Part): Promise<void> {
    this.#room.give(room);
    await file.close().catch(() => undefined);
    await unlink(path).catch(() => undefined);
  }
}

function headOf({ stream, at, data, dropped }: SpoolEntry): Buffer {
  const head = Buffer.allocUnsafe(HEAD_BYTES + (dropped > 0 ? GAP_BYTES : 0));
  head.writeUInt8(stream === 'stdout' ? 1 : 2, 0);
  head.writeDoubleLE(at, 1);
  head.writeUInt32LE(dropped > 0 ? GAP_BIT + GAP_BYTES : data.length, 9);
  if (dropped > 0) head.writeDoubleLE(dropped, HEAD_BYTES);
  return head;
}

/** Whole entries; the last one may go on behind the buffer. */
function parse(buffer: Buffer): { entries: SpoolEntry[]; taken: number } {
  const entries: SpoolEntry[] = [];
  let taken = 0;
  while (taken + HEAD_BYTES <= buffer.length) {
    const word = buffer.readUInt32LE(taken + 9);
    const [isGap, length] = [word >= GAP_BIT, word % GAP_BIT];
    const begin = taken + HEAD_BYTES;
    if (begin + length > buffer.length) break;
    const data = buffer.subarray(begin, begin + length);
    const [stream, at] = [buffer.readUInt8(taken) === 1 ? 'stdout' : 'stderr', buffer.readDoubleLE(taken + 1)] as const;
    if (isGap) entries.push({ stream, at, data: Buffer.alloc(0), dropped: data.readDoubleLE(0) });
    else entries.push({ stream, at, data, dropped: 0 });
    taken = begin + length;
  }
  return { entries, taken };
}

/** Only data takes room: gaps are few, and must not be refused. */
const roomOf = (entries: readonly SpoolEntry[]): number =>
  entries.reduce((sum, { data }) => sum + (data.length > 0 ? data.length + HEAD_BYTES : 0), 0);

function lostOf(entries: readonly SpoolEntry[]): SpoolEntry[] {
  const at = entries[0]?.at ?? 0;
  return STREAMS.flatMap((stream): SpoolEntry[] => {
    const dropped = entries
      .filter((entry) => entry.stream === stream)
      .reduce((sum, { data, dropped: lost }) => sum + data.length + lost, 0);
    return dropped === 0 ? [] : [{ stream, at, data: Buffer.alloc(0), dropped }];
  });
}
