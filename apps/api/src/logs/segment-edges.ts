/**
 * A part of a log, cut where its first and its last lines are: only those may go on before or behind it. What lies between is whole lines, and
 * says all about itself. Pure (law L2).
 */
import type { LogStream } from '@berth/shared/events/console-socket';
import type { StoredPiece } from './segment.ts';

export interface CutSegment {
  /** Of every stream of an attempt all that belongs to its first line, and all behind its last whole one; in the order of their places. */
  edges: StoredPiece[];
  /** What lies between, of one stream of one attempt each. It begins with a line and ends with the end of one. */
  inner: StoredPiece[][];
}

const NEWLINE = 10;

export function cutSegment(pieces: readonly StoredPiece[]): CutSegment {
  const edges: StoredPiece[] = [];
  const inner: StoredPiece[][] = [];
  for (const own of byStreamOfAttempt(pieces)) {
    const first = firstEnd(own);
    const last = lastEnd(own);
    if (!first || !last) {
      edges.push(...own);
      continue;
    }
    edges.push(...between(own, { index: 0, offset: 0 }, first), ...between(own, last, { index: own.length, offset: 0 }));
    const middle = between(own, first, last);
    if (middle.length > 0) inner.push(middle);
  }
  return { edges: edges.sort((a, b) => a.position - b.position), inner };
}

/** Each stream of each attempt for itself, in its order. */
export function byStreamOfAttempt<P extends { attempt: number; stream: LogStream }>(pieces: readonly P[]): P[][] {
  const groups = new Map<string, P[]>();
  for (const piece of pieces) {
    const key = `${piece.attempt} ${piece.stream}`;
    const own = groups.get(key);
    if (own) own.push(piece);
    else groups.set(key, [piece]);
  }
  return [...groups.values()];
}

/** Before the byte `offset` of the piece `index`. */
interface Place {
  index: number;
  offset: number;
}

/** Behind the first end of a line: its newline, or a gap. */
function firstEnd(pieces: readonly StoredPiece[]): Place | null {
  for (const [index, { data, dropped }] of pieces.entries()) {
    const newline = data.indexOf(NEWLINE);
    if (newline >= 0) return { index, offset: newline + 1 };
    if (dropped > 0) return { index: index + 1, offset: 0 };
  }
  return null;
}

function lastEnd(pieces: readonly StoredPiece[]): Place | null {
  for (let index = pieces.length - 1; index >= 0; index--) {
    if ((pieces[index]?.dropped ?? 0) > 0) return { index: index + 1, offset: 0 };
    const newline = pieces[index]?.data.lastIndexOf(NEWLINE) ?? -1;
    if (newline >= 0) return { index, offset: newline + 1 };
  }
  return null;
}

function between(pieces: readonly StoredPiece[], from: Place, to: Place): StoredPiece[] {
  return pieces.slice(from.index, to.index + 1).flatMap((piece, at) => {
    const begin = at === 0 ? from.offset : 0;
    const end = from.index + at === to.index ? to.offset : piece.data.length;
    // A gap is behind its own end, or not at all.
    if (piece.dropped > 0) return from.index + at < to.index ? [piece] : [];
    if (begin >= end) return [];
    return [
      { ...piece, position: piece.position + begin, streamOffset: piece.streamOffset + begin, data: piece.data.subarray(begin, end) },
    ];
  });
}
