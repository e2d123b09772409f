/**
 * Output of one attempt that the api has not acknowledged yet, in the order in which it came, each stream with its byte
 * offsets. Bytes are copied in once, into blocks, so that no engine buffer is held and many small writes cost little.
 */
import type { LogReport } from '@berth/shared/protocol/agent';
import type { OutputStream } from '../engine/container-engine.ts';
import { OutputTail } from './output-tail.ts';

const STREAMS = ['stdout', 'stderr'] as const;
const SMALL_BLOCK = 512;
const BLOCK = 64 * 1024;
/** Pieces of one stream this close in time share one timestamp in a report. */
const SAME_MOMENT_MS = 250;

interface Piece {
  stream: OutputStream;
  offset: number;
  at: number;
  block: Buffer<ArrayBuffer>;
  length: number;
  /** More than 0: bytes that are lost here; the block is empty. */
  dropped: number;
  droppedReason: string | null;
  /** How many are lost is not known: `dropped` is the least. */
  droppedAtLeast: boolean;
}

const KEPT = { dropped: 0, droppedReason: null, droppedAtLeast: false } as const;

/** Pieces that become one entry of a report. */
interface Entry {
  first: Piece;
  parts: Buffer<ArrayBuffer>[];
  length: number;
}

/** One stream, nothing missing between, and close in time. */
const adjoins = (first: Piece, next: Piece): boolean =>
  first.stream === next.stream && first.dropped === 0 && next.dropped === 0 && next.at - first.at < SAME_MOMENT_MS;

export type Offsets = Record<OutputStream, number>;

export class OutputBuffer {
  readonly #attemptId: string;
  #pieces: Piece[] = [];
  /** Memory held, blocks that are not full included. */
  held = 0;
  /** Bytes to send. */
  bytes = 0;
  /** Bytes of each stream that came in, dropped ones too: the offset of what comes next. */
  readonly next: Offsets;
  /** Everything before is acknowledged (or was never here). */
  readonly acked: Offsets;
  /** The last bytes before `next`. */
  readonly tail = new OutputTail();
  /** They are here as far as they can be known: all came in here, or they were asked for. */
  tailKnown: boolean;

  constructor(attemptId: string, from: Offsets) {
    this.#attemptId = attemptId;
    this.next = { ...from };
    this.acked = { ...from };
    this.tailKnown = from.stdout === 0 && from.stderr === 0;
  }

  get empty(): boolean {
    return this.#pieces.length === 0;
  }

  append(stream: OutputStream, bytes: Buffer, at: number): void {
    this.tail.append(stream, bytes, at);
    let from = 0;
    while (from < bytes.length) {
      const piece = this.#open(stream, at, bytes.length - from);
      const copied = bytes.copy(piece.block, piece.length, from);
      piece.length += copied;
      from += copied;
      this.next[stream] += copied;
      this.bytes += copied;
    }
  }

  /** `atLeast`: there may be more of them. */
  appendDropped(stream: OutputStream, dropped: number, droppedReason: string, at: number, atLeast = false): void {
    const piece = { stream, offset: this.next[stream], at, block: Buffer.alloc(0), length: 0, dropped, droppedReason };
    this.#pieces.push({ ...piece, droppedAtLeast: atLeast });
    this.next[stream] += dropped;
    this.tail.restart(stream, { bytes: piece.block, at });
  }

  #open(stream: OutputStream, at: number, wanted: number): Piece {
    const last = this.#pieces.at(-1);
    if (last && last.stream === stream && last.length < last.block.length && at - last.at < SAME_MOMENT_MS) return last;
    const size = wanted >= SMALL_BLOCK || last?.stream === stream ? BLOCK : SMALL_BLOCK;
    const piece = { stream, offset: this.next[stream], at, block: Buffer.allocUnsafe(size), length: 0, ...KEPT };
    this.#pieces.push(piece);
    this.held += size;
    return piece;
  }

  /** The oldest bytes, at most `maxBytes` in `maxPieces`, in the order in which they came. Nothing is removed: that is for `acknowledge`. */
  peek(maxBytes: number, maxPieces: number): { reports: LogReport[]; bytes: number; all: boolean } {
    const entries: Entry[] = [];
    let taken = 0;
    let all = true;
    for (const piece of this.#pieces) {
      let entry = entries.at(-1);
      const joins = entry !== undefined && adjoins(entry.first, piece);
      if (taken >= maxBytes || (!joins && entries.length >= maxPieces)) {
        all = false;
        break;
      }
      if (!entry || !joins) {
        entry = { first: piece, parts: [], length: 0 };
        entries.push(entry);
      }
      const part = piece.block.subarray(0, Math.min(piece.length, maxBytes - taken));
      entry.parts.push(part);
      entry.length += part.length;
      taken += part.length;
      if (part.length < piece.length) {
        all = false;
        break;
      }
    }
    return { reports: entries.map((entry) => this.#report(entry)), bytes: taken, all };
  }

  #report({ first, parts, length }: Entry): LogReport {
    return {
      attemptId: this.#attemptId,
      stream: first.stream,
      offset: first.offset,
      at: new Date(first.at).toISOString(),
      data: parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts, length),
      dropped: first.dropped,
      droppedReason: first.droppedReason,
      ...(first.droppedAtLeast && { droppedAtLeast: true }),
    };
  }

  /** `stored`: bytes of each stream that the api has. Lets go of them. */
  acknowledge(stored: Offsets): void {
    const kept: Piece[] = [];
    for (const piece of this.#pieces) {
      const reach = stored[piece.stream];
      const cut = Math.min(Math.max(reach - piece.offset, 0), piece.length);
      this.bytes -= cut;
      if (piece.offset + piece.length + piece.dropped <= reach) {
        this.held -= piece.block.length;
        continue;
      }
      if (cut > 0) {
        this.held -= cut;
        piece.block = piece.block.subarray(cut);
        piece.offset += cut;
        piece.length -= cut;
      }
      kept.push(piece);
    }
    this.#pieces = kept;
    this.acked.stdout = Math.max(this.acked.stdout, stored.stdout);
    this.acked.stderr = Math.max(this.acked.stderr, stored.stderr);
  }

  /** Starts anew at these offsets, with nothing held. */
  restart(from: Offsets): void {
    this.#pieces = [];
    this.bytes = 0;
    this.held = 0;
    Object.assign(this.next, from);
    Object.assign(this.acked, from);
    this.tailKnown = from.stdout === 0 && from.stderr === 0;
    for (const stream of STREAMS) this.tail.restart(stream, { bytes: Buffer.alloc(0), at: null });
  }
}
