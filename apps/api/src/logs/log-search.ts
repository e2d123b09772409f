/** Search in the log of a run, for a bounded time a call; `next` goes on where the last one stopped, to the byte. */
import type { LogMatches, LogSearchQuery } from '@berth/shared/http/logs';
import { MATCH_TEXT } from '@berth/shared/http/logs';
import { Injectable } from '@nestjs/common';
import { type LineStart, LineWalk } from './line-walk.ts';
import type { LogLine } from './log-lines.ts';
import { SearchTurns } from './search-turns.ts';

/** A call that has found something is answered soon; one that has not, within a second. */
const FOUND_MS = 250;
const CALL_MS = 750;

@Injectable()
export class LogSearch {
  constructor(
    private readonly lines: LineWalk,
    private readonly turns: SearchTurns,
  ) {}

  /**
   * Throws BerthError `not-found`, `invalid-request` for an expression that cannot be searched for, and `unavailable` where too many searches
   * wait already.
   */
  search(workspaceId: string, runId: string, query: LogSearchQuery): Promise<LogMatches> {
    return this.turns.take(() => this.searchNow(workspaceId, runId, query));
  }

  private async searchNow(workspaceId: string, runId: string, query: LogSearchQuery): Promise<LogMatches> {
    const { q: text, regex, ignoreCase, stream } = query;
    const items: LogMatches['items'] = [];
    const from = readCursor(query.cursor);
    const begin = Date.now();
    const wanted = { text, regex, ignoreCase, field: 'q' };
    let answer: LogMatches = { items, next: query.cursor ?? writeCursor(0, []), searched: from.position, bytes: from.position };
    for await (const part of this.lines.walk({ workspaceId, runId, stream, wanted, ...from })) {
      for (const event of part.events) if ('line' in event) items.push(itemOf(event.line));
      const { position: searched, bytes } = part;
      answer = { items, next: part.ended ? null : writeCursor(searched, part.begun), searched, bytes };
      const most = items.length > 0 ? FOUND_MS : CALL_MS;
      if (items.length >= query.limit || Date.now() - begin > most) break;
    }
    return answer;
  }
}

/** The place, and where each line begins that goes on there: `4096-1o4000-2e17`, by attempt and stream. */
function writeCursor(position: number, begun: readonly LineStart[]): string {
  return [position, ...begun.map(({ attempt, stream, position: at }) => `${attempt}${stream === 'stdout' ? 'o' : 'e'}${at}`)].join('-');
}

function readCursor(cursor = '0'): { position: number; begun: LineStart[] } {
  const [position, ...begun] = cursor.split('-');
  return {
    position: Number(position),
    begun: begun.map((start) => {
      const [attempt, at] = start.split(/[oe]/);
      return { attempt: Number(attempt), stream: start.includes('o') ? 'stdout' : 'stderr', position: Number(at) };
    }),
  };
}

function itemOf({ position, attempt, stream, at, data }: LogLine): LogMatches['items'][number] {
  // A character has four bytes at most.
  return {
    position,
    attempt,
    stream,
    at,
    text: data
      .subarray(0, 4 * MATCH_TEXT)
      .toString('utf8')
      .slice(0, MATCH_TEXT),
  };
}
