/** A part of a log, searched: the lines in it that match, and what may belong to lines that go on before or behind it. Pure (law L2). */
import type { LogChunk } from '@berth/shared/events/console-socket';
import { type BlockFinder, compileFinder } from './block-finder.ts';
import { compileMatcher, type LineMatcher, type Wanted } from './line-matcher.ts';
import { type LogLine, LogLines, MAX_LINE_BYTES } from './log-lines.ts';
import { chunkOf, type StoredPiece } from './segment.ts';
import { cutSegment } from './segment-edges.ts';

export interface FoundLine {
  /** The byte that ended it: lines are told in the order of their ends. */
  end: number;
  line: LogLine;
}

export interface Scan {
  edges: LogChunk[];
  found: FoundLine[];
  gaps: LogChunk[];
}

export interface LineSearch {
  matches: LineMatcher;
  finder: BlockFinder;
}

const NEWLINE = 10;

/** Throws BerthError `invalid-request` for an expression that cannot be searched for. */
export function compileSearch(wanted: Wanted): LineSearch {
  return { matches: compileMatcher(wanted), finder: compileFinder(wanted) };
}

export function scanSegment(pieces: readonly StoredPiece[], search: LineSearch): Scan {
  const { edges, inner } = cutSegment(pieces);
  return {
    edges: edges.map((piece) => chunkOf(piece)),
    found: inner.flatMap((own) => scanInner(own, search)),
    gaps: pieces.filter(({ dropped }) => dropped > 0).map((piece) => chunkOf(piece)),
  };
}

/** The lines that end in this chunk, each with the byte that ended it. */
export function endedBy(chunk: LogChunk, lines: LogLines): FoundLine[] {
  return lines.take(chunk).map((line) => ({ end: chunk.dropped > 0 ? chunk.position : line.next - 1, line }));
}

function scanInner(pieces: readonly StoredPiece[], search: LineSearch): FoundLine[] {
  const block = blockOf(pieces);
  if (pieces.some(({ dropped }) => dropped > 0) || hasLongLine(block)) {
    const lines = new LogLines();
    return pieces.flatMap((piece) => endedBy(chunkOf(piece), lines)).filter(({ line }) => search.matches(line.data));
  }
  const places = new Places(pieces);
  const found: FoundLine[] = [];
  const next = search.finder(block);
  for (let from = 0; from < block.length; ) {
    const candidate = next(from);
    if (candidate < 0 || candidate >= block.length) break;
    // A negative place would be counted from the end.
    const begin = candidate > from ? Math.max(from, block.lastIndexOf(NEWLINE, candidate - 1) + 1) : from;
    const end = block.indexOf(NEWLINE, candidate);
    const data = block.subarray(begin, end);
    if (search.matches(data)) found.push(places.lineAt(begin, end, data));
    from = end + 1;
  }
  return found;
}

/** Pieces of a segment lie together in it: no copy then. */
function blockOf(pieces: readonly StoredPiece[]): Buffer {
  const [first] = pieces;
  if (!first) return Buffer.alloc(0);
  let end = first.data.byteOffset;
  for (const { data } of pieces) {
    if (data.buffer !== first.data.buffer || data.byteOffset !== end) return Buffer.concat(pieces.map((piece) => piece.data));
    end += data.length;
  }
  return Buffer.from(first.data.buffer, first.data.byteOffset, end - first.data.byteOffset);
}

/** Whether one may be cut for its length. */
function hasLongLine(block: Buffer): boolean {
  for (let from = 0; from + MAX_LINE_BYTES <= block.length; ) {
    const newline = block.lastIndexOf(NEWLINE, from + MAX_LINE_BYTES - 1);
    if (newline < from) return true;
    from = newline + 1;
  }
  return false;
}

/** Offsets in a block → places in the log. Asked in rising order. */
class Places {
  readonly #pieces: readonly StoredPiece[];
  #index = 0;
  /** Of the piece at #index, in the block. */
  #begin = 0;

  constructor(pieces: readonly StoredPiece[]) {
    this.#pieces = pieces;
  }

  lineAt(begin: number, end: number, data: Buffer): FoundLine {
    const first = this.#pieceAt(begin);
    const position = first.position + begin - this.#begin;
    const last = this.#pieceAt(end);
    const newline = last.position + end - this.#begin;
    return {
      end: newline,
      line: {
        position,
        next: newline + 1,
        attempt: first.attempt,
        stream: first.stream,
        at: first.at.toISOString(),
        data,
        ended: true,
      },
    };
  }

  #pieceAt(offset: number): StoredPiece {
    for (;;) {
      const piece = this.#pieces[this.#index];
      if (!piece) throw new RangeError('beyond the last piece');
      if (offset < this.#begin + piece.data.length) return piece;
      this.#begin += piece.data.length;
      this.#index++;
    }
  }
}
