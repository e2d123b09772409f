/**
 * The newest chunks of logs that somebody in this process follows: a viewer that keeps up is served from memory, once for all viewers.
 * Bounded for each run and for all together; who falls behind what is held here reads on from Postgres. Nothing is held for a viewer.
 */
import type { LogChunk } from '@berth/shared/events/console-socket';
import type { Bytes } from '@berth/shared/protocol/packed';
import { Injectable } from '@nestjs/common';
import type { LogPiece } from '../planning/ingest/model.ts';

const BYTES_OF_A_RUN = 4 * 1024 * 1024;
const RUNS = 64;

interface Tail {
  chunks: LogChunk[];
  bytes: number;
  followers: number;
}

@Injectable()
export class HotLogs {
  private readonly tails = new Map<string, Tail>();

  /** To be called once the pieces are durable, in their order. */
  add(pieces: readonly LogPiece[]): void {
    for (const piece of pieces) {
      const tail = this.tails.get(piece.runId);
      if (tail) append(tail, piece);
    }
  }

  /** Chunks from exactly this position on, up to `limitBytes` (one at least); empty where they are not (or no longer) here. */
  from(runId: string, position: number, limitBytes: number): LogChunk[] {
    const chunks = this.tails.get(runId)?.chunks ?? [];
    // From the end: who asks has nearly caught up.
    const first = chunks.findLastIndex((chunk) => chunk.position === position);
    if (first < 0) return [];
    const found: LogChunk[] = [];
    let bytes = 0;
    for (const chunk of chunks.slice(first)) {
      if (found.length > 0 && bytes + chunk.data.length > limitBytes) break;
      found.push(chunk);
      bytes += chunk.data.length;
    }
    return found;
  }

  /** All chunks from one place to another; null where they are not (or no longer) all here, or are more than `limitBytes`. */
  between(runId: string, from: number, to: number, limitBytes: number): LogChunk[] | null {
    if (to - from > limitBytes) return null;
    const found = this.from(runId, from, limitBytes);
    const end = found.findIndex((chunk) => chunk.position + chunk.data.length + chunk.dropped === to);
    return end < 0 ? null : found.slice(0, end + 1);
  }

  /** Keeps the tail of this run from now on; returns the function that ends it. */
  follow(runId: string): () => void {
    const known = this.tails.get(runId);
    if (!known && this.tails.size >= RUNS) return () => undefined;
    const tail = known ?? { chunks: [], bytes: 0, followers: 0 };
    tail.followers++;
    this.tails.set(runId, tail);
    return () => {
      tail.followers--;
      if (tail.followers === 0) this.tails.delete(runId);
    };
  }
}

function append(tail: Tail, piece: LogPiece): void {
  const last = tail.chunks.at(-1);
  // A hole (another replica stored what lies between) makes what came before it useless.
  if (last && last.position + last.data.length + last.dropped !== piece.position) {
    tail.chunks = [];
    tail.bytes = 0;
  }
  const { position, attemptNumber, stream, at, data, length, dropped, droppedReason, droppedAtLeast } = piece;
  const chunk = { position, attempt: attemptNumber, stream, at, data: bytesOf(data, length), dropped, droppedReason };
  tail.chunks.push(droppedAtLeast ? { ...chunk, droppedAtLeast } : chunk);
  tail.bytes += length;
  while (tail.bytes > BYTES_OF_A_RUN && tail.chunks.length > 1) tail.bytes -= tail.chunks.shift()?.data.length ?? 0;
}

/** A view that is most of its block is kept as it is; a small one is copied, so that it does not hold the report that it came in. */
function bytesOf(parts: readonly Bytes[], length: number): Bytes {
  const [only] = parts;
  if (only && parts.length === 1 && only.byteLength * 2 >= only.buffer.byteLength) return only;
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
