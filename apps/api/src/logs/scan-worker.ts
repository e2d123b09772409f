/** A thread that unpacks parts of logs and searches in them: the thread that answers requests is free meanwhile. */
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import type { LogStream } from '@berth/shared/events/console-socket';
import type { Wanted } from './line-matcher.ts';
import type { LogLine } from './log-lines.ts';
import { piecesBehind, unpackSegmentNow } from './segment.ts';
import { compileSearch, type LineSearch, type Scan, scanSegment } from './segment-scan.ts';

export interface ScanOrder {
  /** Packed, in hexadecimal digits. */
  hex: string;
  /** About how long it is unpacked. */
  bytes: number;
  /** Nothing before it belongs to the search. */
  from: number;
  stream: LogStream | undefined;
  wanted: Wanted;
}

export interface ScanRequest {
  id: number;
  order: ScanOrder;
}

/** A Buffer arrives as what it is made of. */
type Sent = Omit<Scan, 'found'> & { found: { end: number; line: Omit<LogLine, 'data'> & { data: Uint8Array<ArrayBuffer> } }[] };
export type ScanAnswer = { id: number; scan: Sent } | { id: number; failure: string };

/** Below what answers and takes in: Linux has a priority a thread, others one a process. */
const NICE = 5;
/** Searches that go on at once have their expressions compiled once. */
const MOST_COMPILED = 8;

const compiled = new Map<string, LineSearch>();

function searchOf(wanted: Wanted): LineSearch {
  const key = JSON.stringify(wanted);
  const known = compiled.get(key);
  if (known) return known;
  const search = compileSearch(wanted);
  compiled.set(key, search);
  const oldest = compiled.keys().next();
  if (compiled.size > MOST_COMPILED && !oldest.done) compiled.delete(oldest.value);
  return search;
}

function carryOut({ hex, bytes, from, stream, wanted }: ScanOrder): Sent {
  const pieces = piecesBehind(unpackSegmentNow(Buffer.from(hex, 'hex'), bytes), from).filter(
    (piece) => stream === undefined || piece.stream === stream,
  );
  const { edges, found, gaps } = scanSegment(pieces, searchOf(wanted));
  // Copies: a view would carry the whole segment along.
  return {
    edges: edges.map((chunk) => ({ ...chunk, data: new Uint8Array(chunk.data) })),
    found: found.map(({ end, line }) => ({ end, line: { ...line, data: new Uint8Array(line.data) } })),
    gaps,
  };
}

if (process.platform === 'linux') setPriority(NICE);
parentPort?.on('message', ({ id, order }: ScanRequest) => {
  let answer: ScanAnswer;
  try {
    answer = { id, scan: carryOut(order) };
  } catch (error) {
    answer = { id, failure: error instanceof Error ? error.message : String(error) };
  }
  parentPort?.postMessage(answer);
});
