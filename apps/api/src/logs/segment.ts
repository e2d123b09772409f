/**
 * A part of a log, packed: its pieces with their places, and their bytes, each stream's together, compressed by zstd. What is unpacked is
 * what was packed, byte for byte and piece for piece.
 */
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import { z } from 'zod';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** Lines of a web server with random ids became a seventh of their size. */
const LEVEL = 3;

export interface StoredPiece {
  position: number;
  attempt: number;
  stream: LogStream;
  streamOffset: number;
  at: Date;
  dropped: number;
  droppedReason: string | null;
  /** How many were dropped is not known. */
  droppedAtLeast?: boolean | undefined;
  data: Uint8Array<ArrayBuffer>;
}

const headSchema = z.array(
  z.tuple([
    /** Position, attempt, stream, its offset, milliseconds since 1970, bytes, dropped bytes, why, and whether there may be more; absent: no. */
    z.number(),
    z.number(),
    z.enum(['stdout', 'stderr']),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.string().nullable(),
    z.boolean().optional(),
  ]),
);
/** Before all: the length of the heads, and of the output to stdout. */
const LENGTHS_BYTES = 8;
/** The default makes 64 pieces of a MiB. */
const CHUNK_BYTES = 512 * 1024;

/** Their order, in which each stream's bytes lie together: they are more alike than what lies between them. */
const byStream = <P extends { stream: LogStream }>(pieces: readonly P[]): P[] => [
  ...pieces.filter(({ stream }) => stream === 'stdout'),
  ...pieces.filter(({ stream }) => stream === 'stderr'),
];

function headOf(piece: StoredPiece): z.infer<typeof headSchema>[number] {
  const { position, attempt, stream, streamOffset, at, data, dropped, droppedReason } = piece;
  const known = [position, attempt, stream, streamOffset, at.getTime(), data.length, dropped, droppedReason] as const;
  return piece.droppedAtLeast ? [...known, true] : [...known];
}

export async function packSegment(pieces: readonly StoredPiece[]): Promise<Buffer> {
  const heads = pieces.map(headOf);
  const head = Buffer.from(JSON.stringify(heads));
  const lengths = Buffer.alloc(LENGTHS_BYTES);
  lengths.writeUInt32LE(head.length);
  lengths.writeUInt32LE(
    pieces.reduce((sum, { stream, data }) => sum + (stream === 'stdout' ? data.length : 0), 0),
    4,
  );
  const whole = Buffer.concat([lengths, head, ...byStream(pieces).map(({ data }) => data)]);
  return compress(whole, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_checksumFlag]: 1 } });
}

/** Throws where it was damaged. */
export async function unpackSegment(packed: Uint8Array): Promise<StoredPiece[]> {
  return piecesOf(await decompress(packed, { chunkSize: CHUNK_BYTES }));
}

/** The same at once, for a thread of its own. `bytes` is about how long it is unpacked: a buffer of the right size is the quickest. */
export function unpackSegmentNow(packed: Uint8Array, bytes: number): StoredPiece[] {
  return piecesOf(zstdDecompressSync(packed, { chunkSize: Math.max(CHUNK_BYTES, bytes) }));
}

function piecesOf(whole: Buffer<ArrayBuffer>): StoredPiece[] {
  const headEnd = LENGTHS_BYTES + whole.readUInt32LE();
  const heads = headSchema.parse(JSON.parse(whole.toString('utf8', LENGTHS_BYTES, headEnd)));
  const pieces = heads.map(([position, attempt, stream, streamOffset, at, length, dropped, droppedReason, droppedAtLeast]) => ({
    position,
    attempt,
    stream,
    streamOffset,
    at: new Date(at),
    length,
    dropped,
    droppedReason,
    droppedAtLeast,
    data: new Uint8Array(0),
  }));
  let place = headEnd;
  for (const piece of byStream(pieces)) {
    // A view: all pieces share one buffer.
    piece.data = new Uint8Array(whole.buffer, whole.byteOffset + place, piece.length);
    place += piece.length;
  }
  return pieces.map(({ length: _, ...piece }) => piece);
}

export const endOf = ({ position, data, dropped }: StoredPiece): number => position + data.length + dropped;

/** What lies behind a place, from the middle of a piece on where it lies in one. Pure. */
export function piecesBehind(pieces: readonly StoredPiece[], place: number): StoredPiece[] {
  return pieces.flatMap((piece) => {
    const skip = Math.max(0, place - piece.position);
    if (skip === 0) return [piece];
    if (endOf(piece) <= place) return [];
    const { position, streamOffset, dropped, data } = piece;
    return [
      {
        ...piece,
        position: position + skip,
        streamOffset: streamOffset + skip,
        dropped: Math.max(0, dropped - skip),
        data: data.subarray(skip),
      },
    ];
  });
}

/** As readers have it. Pure. */
export function chunkOf({ position, attempt, stream, at, data, dropped, droppedReason, droppedAtLeast }: StoredPiece): LogChunk {
  const chunk = { position, attempt, stream, at: at.toISOString(), data, dropped, droppedReason };
  return droppedAtLeast ? { ...chunk, droppedAtLeast } : chunk;
}

/** What stands for pieces that are removed: how many bytes of each stream were there. Places stay what they were. Pure. */
export function dropped(pieces: readonly StoredPiece[], reason: string): StoredPiece[] {
  const first = pieces[0];
  if (!first) return [];
  const told: StoredPiece[] = [];
  let { position } = first;
  for (const stream of ['stdout', 'stderr'] as const) {
    const of = pieces.filter((piece) => piece.stream === stream);
    const bytes = of.reduce((sum, piece) => sum + piece.data.length + piece.dropped, 0);
    const [oldest] = of;
    const at = of.at(-1)?.at;
    if (bytes === 0 || !oldest || !at) continue;
    const droppedAtLeast = of.some((piece) => piece.droppedAtLeast) || undefined;
    told.push({ ...oldest, at, position, dropped: bytes, droppedReason: reason, droppedAtLeast, data: new Uint8Array(0) });
    position += bytes;
  }
  return told;
}
