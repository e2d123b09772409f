/** Search in the log of a run, a bounded part of it a call; `next` goes on where the last one stopped, to the byte. */
import type { LogMatches, LogSearchQuery } from '@berth/shared/http/logs';
import { MATCH_TEXT } from '@berth/shared/http/logs';
import { Injectable } from '@nestjs/common';
import { LogRepository } from '../persistence/log-repository.ts';
import { compileMatcher } from './line-matcher.ts';
import { type LogLine, LogLines } from './log-lines.ts';

const PAGE_BYTES = 512 * 1024;
/** A call looks at this much at most: it is answered within a part of a second. */
const CALL_BYTES = 16 * 1024 * 1024;
const CALL_MS = 300;
const STREAMS = ['stdout', 'stderr'] as const;

@Injectable()
export class LogSearch {
  constructor(private readonly logs: LogRepository) {}

  /** Throws BerthError `not-found`, and `invalid-request` for an expression that cannot be searched for. */
  async search(workspaceId: string, runId: string, query: LogSearchQuery): Promise<LogMatches> {
    const matches = compileMatcher({ text: query.q, regex: query.regex, ignoreCase: query.ignoreCase, field: 'q' });
    // A line may have begun in one stream while those of the other one were searched: each stream has a place of its own.
    const [stdout = 0, stderr = 0] = query.cursor?.split('-').map(Number) ?? [];
    const from = { stdout, stderr };
    const begin = Math.min(stdout, stderr);
    const lines = new LogLines();
    const items: LogMatches['items'] = [];
    const take = (line: LogLine) => {
      if (line.position >= from[line.stream] && matches(line.data)) items.push(itemOf(line));
    };
    const until = Date.now() + CALL_MS;
    for (let position = begin; ; ) {
      const page = await this.logs.read(workspaceId, runId, position, PAGE_BYTES, query.stream);
      for (const chunk of page.chunks) for (const line of lines.take(chunk)) take(line);
      const moved = page.next > position;
      position = page.next;
      if (!moved) {
        // What has not ended is all there is of it for now.
        for (const line of lines.finish()) take(line);
        return { items, next: null, searched: position, bytes: page.bytes };
      }
      if (items.length >= query.limit || position - begin >= CALL_BYTES || Date.now() > until) {
        const [out, err] = STREAMS.map((stream) => lines.pending(stream) ?? position);
        return { items, next: `${out}-${err}`, searched: position, bytes: page.bytes };
      }
    }
  }
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
