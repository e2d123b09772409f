/**
 * Goes through a log for the lines that match: exactly those, and in the order, that looking at every line gives. Packed parts that cannot hold
 * one are gone over by what is kept beside them; those that may are searched by threads of their own, some ahead; what is not packed, line by line.
 */
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import { LogRepository } from '../persistence/log-repository.ts';
import { type SegmentOutline, SegmentReader } from '../persistence/segment-reader.ts';
import { hashesOf, longHashesOf, mayHold } from './gram-filter.ts';
import type { Wanted } from './line-matcher.ts';
import { type LogLine, LogLines, type OpenLine } from './log-lines.ts';
import { needlesOf } from './needles.ts';
import { ScanThreads } from './scan-threads.ts';
import { compileSearch, endedBy, type FoundLine, type LineSearch, type Scan } from './segment-scan.ts';

const PAGE_BYTES = 512 * 1024;
/** Asked for with one statement; two such batches are on their way at a time. */
const BATCH = 6;
const BATCHES_AHEAD = 2;

/** A line that goes on at a place in the log. */
export type LineStart = Pick<LogLine, 'attempt' | 'stream' | 'position'>;

export interface WalkFrom {
  workspaceId: string;
  runId: string;
  stream: LogStream | undefined;
  wanted: Wanted;
  position: number;
  /** The lines that go on there; what is before `position` and not of them belongs to no line. */
  begun: readonly LineStart[];
}

/** Either a line that matches, or bytes that are missing. */
export type WalkEvent = { line: LogLine } | { gap: LogChunk };

export interface WalkPart {
  /** In their order. */
  events: WalkEvent[];
  /** Up to where it was looked at. */
  position: number;
  /** The lines that go on there. */
  begun: LineStart[];
  /** How long the log is. */
  bytes: number;
  /** All that is stored was looked at. */
  ended: boolean;
}

interface Planned {
  segment: SegmentOutline;
  /** The place of the one before it, where that was gone over. */
  before: number | null;
}

interface Scanned extends Planned {
  openLines: OpenLine[] | null;
  scan: Promise<Scan>;
}

@Injectable()
export class LineWalk {
  constructor(
    private readonly logs: LogRepository,
    private readonly segments: SegmentReader,
    private readonly threads: ScanThreads,
  ) {}

  /**
   * A part at a time, as far as it is asked for. It may end before the log does, where something was removed meanwhile: go on from the last part.
   * Throws BerthError `not-found`, and `invalid-request` for an expression that cannot be searched for.
   */
  async *walk(from: WalkFrom): AsyncGenerator<WalkPart> {
    const { wanted } = from;
    const search = compileSearch(wanted);
    const leaving = new AbortController();
    try {
      yield* this.parts(from, search, leaving.signal);
    } finally {
      // What was asked for ahead, and nobody waits for now.
      leaving.abort();
    }
  }

  private async *parts(from: WalkFrom, search: LineSearch, leaving: AbortSignal): AsyncGenerator<WalkPart> {
    const { workspaceId, runId, stream, wanted } = from;
    const bytes = await this.logs.length(workspaceId, runId);
    const lines = new LogLines();
    lines.resume(await this.restore(from));
    // Lines that were kept beside a part, and begin before this, are not those that a reader sees who begins here.
    const floor = Math.max(from.begun.length > 0 ? 0 : from.position, await this.segments.removedUntil(runId));
    const { texts } = needlesOf(wanted);
    const hashes = hashesOf(texts);
    const wantedGrams = { grams: hashes.length > 0, longHashes: longHashesOf(texts).slice(0, MOST_LONG_GRAMS) };
    let { position } = from;
    for (;;) {
      const outlines = await this.segments.outlines(runId, position, wantedGrams);
      if (outlines.length === 0) break;
      const { planned, goneOver } = plan(outlines, (segment) => canSkip(segment, floor, hashes));
      for await (const { segment, before, openLines, scan } of this.scans(from, position, planned, leaving)) {
        if (before !== null) {
          // Removed in this moment.
          if (openLines === null) return;
          lines.resume(openLines.filter((line) => stream === undefined || line.stream === stream));
        }
        const events = joined(await scan, lines, search);
        position = segment.end;
        yield { events, position, begun: lines.begun(), bytes, ended: false };
      }
      if (goneOver) {
        const kept = await this.segments.openLinesAt(runId, goneOver.end);
        if (kept?.end !== goneOver.end) return;
        lines.resume(kept.lines.filter((line) => stream === undefined || line.stream === stream));
        position = goneOver.end;
        yield { events: [], position, begun: lines.begun(), bytes, ended: false };
      }
    }
    for (;;) {
      const page = await this.logs.read(workspaceId, runId, position, PAGE_BYTES, stream);
      const moved = page.next > position;
      position = page.next;
      const events: WalkEvent[] = [];
      for (const chunk of page.chunks) {
        for (const { line } of endedBy(chunk, lines)) if (search.matches(line.data)) events.push({ line });
        if (chunk.dropped > 0) events.push({ gap: chunk });
      }
      if (!moved) {
        // What has not ended is all there is of it for now.
        for (const line of lines.finish()) if (search.matches(line.data)) events.push({ line });
      }
      yield { events, position, begun: lines.begun(), bytes: page.bytes, ended: !moved };
      if (!moved) return;
    }
  }

  /** In the order of their places, some ahead of the one that is looked at. */
  private async *scans(from: WalkFrom, position: number, planned: readonly Planned[], leaving: AbortSignal): AsyncGenerator<Scanned> {
    const ahead: Promise<Scanned[]>[] = [];
    for (let next = 0; ; ) {
      while (ahead.length < BATCHES_AHEAD && next < planned.length) {
        const batch = this.batch(from, position, planned.slice(next, next + BATCH), leaving);
        // Looked at when it is its turn; there may be none.
        batch.catch(() => undefined);
        ahead.push(batch);
        next += BATCH;
      }
      const batch = ahead.shift();
      if (!batch) return;
      yield* await batch;
    }
  }

  private async batch(
    { runId, stream, wanted }: WalkFrom,
    from: number,
    planned: readonly Planned[],
    leaving: AbortSignal,
  ): Promise<Scanned[]> {
    const rows = await this.segments.packed(
      runId,
      planned.map(({ segment: { position, end }, before }) => ({ position, end, before })),
    );
    const scanned: Scanned[] = [];
    for (const { segment, before } of planned) {
      const row = rows.find(({ position }) => position === segment.position);
      // Removed in this moment: those behind it are not looked at without it.
      if (!row) return [...scanned, { segment, before: segment.position, openLines: null, scan: Promise.resolve(NOTHING) }];
      const scan = this.threads.scan({ hex: row.hex, bytes: segment.end - segment.position, from, stream, wanted }, leaving);
      scan.catch(() => undefined);
      scanned.push({ segment, before, openLines: row.openLines, scan });
    }
    return scanned;
  }

  /** The lines that go on at a place, as they are so far. */
  private async restore({ workspaceId, runId, position, begun }: WalkFrom): Promise<OpenLine[]> {
    if (begun.length === 0) return [];
    const known = await this.segments.openLinesAt(runId, position);
    const open = new Map<string, { from: number; line: OpenLine | null }>();
    for (const start of begun) {
      const line = known?.lines.find((kept) => keyOf(kept) === keyOf(start) && kept.position === start.position) ?? null;
      open.set(keyOf(start), { from: line && known ? known.end : start.position, line });
    }
    for (let at = Math.min(position, ...[...open.values()].map(({ from }) => from)); at < position; ) {
      const page = await this.logs.read(workspaceId, runId, at, PAGE_BYTES);
      if (page.next <= at) break;
      for (const chunk of page.chunks) {
        const own = open.get(keyOf(chunk));
        if (own) own.line = goneOn(own.line, chunk, own.from, position);
      }
      at = page.next;
    }
    return [...open.values()].flatMap(({ line }) => (line ? [line] : []));
  }
}

const NOTHING: Scan = { edges: [], found: [], gaps: [] };

/** Of a long text the first of them tell enough. */
const MOST_LONG_GRAMS = 64;

const keyOf = ({ attempt, stream }: Pick<LogLine, 'attempt' | 'stream'>) => `${attempt} ${stream}`;

/** A line with what a chunk has of it between two places. Bytes that were removed since are no part of it. */
function goneOn(
  line: OpenLine | null,
  { attempt, stream, position, at, data, dropped }: LogChunk,
  from: number,
  to: number,
): OpenLine | null {
  if (position >= to) return line;
  if (dropped > 0) return null;
  const begin = Math.max(0, from - position);
  const part = data.subarray(begin, to - position);
  if (part.length === 0) return line;
  const next = position + begin + part.length;
  return line
    ? { ...line, next, data: Buffer.concat([line.data, part]) }
    : { attempt, stream, position: position + begin, next, at, data: Buffer.from(part) };
}

/** Nothing in it can match, and what goes on behind it is kept. */
function canSkip({ grams, hasLongGrams, openFrom }: SegmentOutline, floor: number, hashes: readonly number[]): boolean {
  if (openFrom === null || openFrom < floor) return false;
  return !hasLongGrams || (grams !== null && !mayHold(grams, hashes));
}

function plan(outlines: readonly SegmentOutline[], skip: (segment: SegmentOutline) => boolean) {
  const planned: Planned[] = [];
  let goneOver: SegmentOutline | null = null;
  for (const segment of outlines) {
    if (skip(segment)) goneOver = segment;
    else {
      planned.push({ segment, before: goneOver?.position ?? null });
      goneOver = null;
    }
  }
  return { planned, goneOver };
}

/** What matches in a part, with the lines that began before it. */
function joined(scan: Scan, lines: LogLines, { matches }: LineSearch): WalkEvent[] {
  const edges = scan.edges.flatMap((chunk) => endedBy(chunk, lines)).filter(({ line }) => matches(line.data));
  const ends = [...scan.found, ...edges].map(({ end, line }: FoundLine) => ({ end, event: { line } as const }));
  // A line that a gap ended is told before it.
  const gaps = scan.gaps.map((gap) => ({ end: gap.position + 0.5, event: { gap } as const }));
  return [...ends, ...gaps].sort((a, b) => a.end - b.end).map(({ event }) => event);
}
