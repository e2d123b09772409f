/** The log of a run as a response: its very bytes, lines with their times or those that match, or NDJSON with a cursor on every line. */
import type { LogChunk } from '@berth/shared/events/console-socket';
import { missingText } from '@berth/shared/events/log-gap';
import type { LogsQuery } from '@berth/shared/http/logs';
import { Injectable } from '@nestjs/common';
import { compileMatcher, type LineMatcher, type Wanted } from '../logs/line-matcher.ts';
import { LineWalk, type WalkFrom } from '../logs/line-walk.ts';
import { type LogLine, LogLines } from '../logs/log-lines.ts';
import { type LogPage, LogRepository } from '../persistence/log-repository.ts';
import { type FollowLog, LogStream } from '../realtime/log-stream.ts';

const PAGE_BYTES = 256 * 1024;

export type LogFormat = 'text' | 'ndjson';
type Pieces = AsyncGenerator<string | Uint8Array>;

@Injectable()
export class RunLog {
  constructor(
    private readonly logs: LogRepository,
    private readonly stream: LogStream,
    private readonly lines: LineWalk,
  ) {}

  /**
   * Where to begin, and what to give: to be called before the response is begun. Throws BerthError `not-found`, and `invalid-request` for an
   * expression that cannot be searched for.
   */
  async open(workspaceId: string, runId: string, query: LogsQuery, format: LogFormat): Promise<(signal: AbortSignal) => Pieces> {
    const { stream, search, regex, ignoreCase, timestamps } = query;
    const wanted: Wanted | undefined = search === undefined ? undefined : { text: search, regex, ignoreCase, field: 'search' };
    const matches = wanted && compileMatcher(wanted);
    const after = await this.begin(workspaceId, runId, query);
    const what = { workspaceId, runId, after, stream };
    const pieceByPieceOnly = query.follow || query.since !== undefined || query.until !== undefined || query.limit !== undefined;
    if (wanted && !pieceByPieceOnly)
      return () => this.found({ workspaceId, runId, stream, wanted, position: after, begun: [] }, format, timestamps);
    return (signal) => {
      const pages = bounded(query, query.follow ? this.stream.follow(what, signal) : this.stored(what));
      return matches || timestamps ? lineByLine(pages, matches, format, timestamps) : pieceByPiece(pages, format);
    };
  }

  private async begin(workspaceId: string, runId: string, { after, tail, since, stream }: LogsQuery): Promise<number> {
    const end = await this.logs.length(workspaceId, runId);
    const from = since === undefined ? 0 : ((await this.logs.positionAt(workspaceId, runId, since)) ?? end);
    if (tail === undefined) return Math.max(after ?? 0, from);
    return Math.max(from, await this.tailOf(workspaceId, runId, end, tail, stream));
  }

  /** Where the last so many lines begin: behind the newline before them. */
  private async tailOf(workspaceId: string, runId: string, end: number, lines: number, stream: LogsQuery['stream']): Promise<number> {
    if (lines === 0) return end;
    // A newline that is the last byte ends the last line, it does not begin another.
    let [missing, last] = [lines, true];
    for (let before = end; before > 0; ) {
      const chunks = await this.logs.readBack(workspaceId, runId, before, PAGE_BYTES);
      if (chunks.length === 0) return 0;
      for (const { position, data, stream: of } of chunks) {
        before = position;
        if (stream !== undefined && of !== stream) continue;
        for (let at = data.length - 1; at >= 0; at--) {
          if (data[at] === 10 && !last && --missing === 0) return position + at + 1;
          last = false;
        }
      }
    }
    return 0;
  }

  /** The lines that match in what is there now, without looking at each. */
  private async *found(from: WalkFrom, format: LogFormat, times: boolean): Pieces {
    for (let next = from; ; ) {
      for await (const { events, position, begun, ended } of this.lines.walk(next)) {
        for (const event of events) {
          if ('line' in event) yield toFound(event.line, format, times);
          else yield format === 'text' ? toText(event.gap) : toJson(event.gap);
        }
        if (ended) return;
        next = { ...next, position, begun };
      }
    }
  }

  /** What is there now. */
  private async *stored({ workspaceId, runId, after, stream }: FollowLog): AsyncGenerator<LogPage> {
    for (let position = after; ; ) {
      const page = await this.logs.read(workspaceId, runId, position, PAGE_BYTES, stream);
      yield page;
      if (page.next <= position) return;
      position = page.next;
    }
  }
}

/** Only what lies in the times and before the place, and no more than was asked for. A clock may go back: each piece is judged for itself. */
async function* bounded({ since, until, limit, before }: LogsQuery, pages: AsyncGenerator<LogPage>): AsyncGenerator<LogPage> {
  let bytes = 0;
  for await (const page of pages) {
    const chunks: LogChunk[] = [];
    for (const chunk of page.chunks) {
      if ((since !== undefined && chunk.at < since) || (until !== undefined && chunk.at >= until)) continue;
      if (limit !== undefined && bytes >= limit) break;
      const kept = before === undefined ? chunk : upTo(chunk, before);
      if (kept === null) break;
      bytes += kept.data.length;
      chunks.push(kept);
    }
    yield { ...page, chunks };
    if ((limit !== undefined && bytes >= limit) || (before !== undefined && page.next >= before)) return;
  }
}

/** Null where all of it lies behind the place. */
function upTo(chunk: LogChunk, before: number): LogChunk | null {
  const most = before - chunk.position;
  if (most <= 0) return null;
  return { ...chunk, data: chunk.data.subarray(0, most), dropped: Math.min(chunk.dropped, most) };
}

async function* pieceByPiece(pages: AsyncGenerator<LogPage>, format: LogFormat): Pieces {
  for await (const page of pages) {
    for (const chunk of page.chunks) yield format === 'text' ? toText(chunk) : toJson(chunk);
  }
}

async function* lineByLine(pages: AsyncGenerator<LogPage>, matches: LineMatcher | undefined, format: LogFormat, times: boolean): Pieces {
  const lines = new LogLines();
  const render = (line: LogLine) => toFound(line, format, times);
  const wanted = (found: LogLine[]) => (matches ? found.filter(({ data }) => matches(data)) : found).map(render);
  for await (const page of pages) {
    for (const chunk of page.chunks) {
      yield* wanted(lines.take(chunk));
      if (chunk.dropped > 0) yield format === 'text' ? toText(chunk) : toJson(chunk);
    }
  }
  yield* wanted(lines.finish());
}

function toFound(line: LogLine, format: LogFormat, times: boolean): string | Uint8Array {
  return format === 'text' ? toLine(line, times) : toJson({ ...line, dropped: 0, droppedReason: null }, line.next);
}

/** Bytes that are missing are said where they are missing (law L7). */
function toText(chunk: LogChunk): Uint8Array {
  if (chunk.dropped === 0) return chunk.data;
  return Buffer.from(`\n[berth: ${missingText(chunk, `${chunk.dropped} bytes`)}: ${chunk.droppedReason ?? 'no reason is known'}]\n`);
}

function toLine({ at, data }: LogLine, times: boolean): Uint8Array {
  return Buffer.concat([Buffer.from(times ? `${at} ` : ''), data, Buffer.from('\n')]);
}

type Piece = Pick<LogChunk, 'position' | 'attempt' | 'stream' | 'at' | 'dropped' | 'droppedReason' | 'droppedAtLeast'> & {
  data: Uint8Array;
};

function toJson({ position, attempt, stream, at, data, dropped, droppedReason, droppedAtLeast }: Piece, end?: number): string {
  const next = end ?? position + (dropped > 0 ? dropped : data.length);
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  return `${JSON.stringify({ position, next, attempt, stream, at, data: text, dropped, droppedReason, droppedAtLeast })}\n`;
}
