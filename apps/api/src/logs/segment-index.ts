/** What is kept beside a packed part of a log, so that a search may go over it. Pure (law L2). */
import { filterOf, longFilterOf } from './gram-filter.ts';
import { LogLines, type OpenLine } from './log-lines.ts';
import { hasExoticCase } from './needles.ts';
import { chunkOf, type StoredPiece } from './segment.ts';
import { byStreamOfAttempt, cutSegment } from './segment-edges.ts';
import type { Steps } from './steps.ts';

export interface SegmentIndex {
  /** Of all lines that end in it, whole, wherever they began. Null: it must be looked at, as where bytes are missing, which is told to readers. */
  grams: Buffer | null;
  longGrams: Buffer | null;
  /** What has not ended at its end. */
  open: OpenLine[];
}

/** `open`: what had not ended before it. */
export function* indexSegment(open: readonly OpenLine[], pieces: readonly StoredPiece[]): Steps<SegmentIndex> {
  const lines = new LogLines();
  lines.resume(open);
  for (const piece of cutSegment(pieces).edges) lines.take(chunkOf(piece));
  yield;
  return { ...(yield* gramsOf(open, pieces)), open: lines.unfinished() };
}

const NOT_KNOWN = { grams: null, longGrams: null };

function* gramsOf(open: readonly OpenLine[], pieces: readonly StoredPiece[]): Steps<Pick<SegmentIndex, 'grams' | 'longGrams'>> {
  if (pieces.some(({ dropped }) => dropped > 0)) return NOT_KNOWN;
  // Whole: a character may be cut by pieces. Its case is a matter of characters, and the filter knows bytes.
  const streams = byStreamOfAttempt([...open, ...pieces]).map((own) => Buffer.concat(own.map(({ data }) => data)));
  if (streams.some(hasExoticCase)) return NOT_KNOWN;
  return { grams: yield* filterOf(streams), longGrams: yield* longFilterOf(streams) };
}
