/** Follows the log of a run: for REST and the console's socket alike. A viewer holds a position, no buffer (law L7). */
import type { LogStream as StreamName } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import { type LogPage, LogRepository } from '../persistence/log-repository.ts';
import { HotLogs } from './hot-logs.ts';
import { Sleeper } from './sleeper.ts';
import { Wakeups } from './wakeups.ts';

export interface FollowLog {
  workspaceId: string;
  runId: string;
  /** Position in the merged log. */
  after: number;
  stream?: StreamName;
}

export const PAGE_BYTES = 512 * 1024;
/** For wake-ups that got lost. */
const SLOW_TICK_MS = 5_000;

@Injectable()
export class LogStream {
  constructor(
    private readonly logs: LogRepository,
    private readonly wakeups: Wakeups,
    private readonly hot: HotLogs,
  ) {}

  /**
   * Pages from the position on, until the run is at an end and its log complete (the last page says `complete`), or `signal` is aborted.
   * The next page is read only when the consumer asks for it. Throws BerthError `not-found`.
   */
  async *follow({ workspaceId, runId, after, stream }: FollowLog, signal: AbortSignal): AsyncGenerator<LogPage> {
    const sleeper = new Sleeper(this.wakeups, [`log:${runId}`, `run:${runId}`], signal);
    const unfollow = this.hot.follow(runId);
    try {
      let position = after;
      // The first page always comes from Postgres: it checks that the run is one of the workspace (L9).
      let first = true;
      while (!signal.aborted) {
        const what = { workspaceId, runId, after: position, stream };
        const page = await (first ? this.stored(what) : this.page(what));
        first = false;
        const moved = page.next > position;
        position = page.next;
        if (page.chunks.length > 0 || page.complete) yield page;
        if (page.complete) return;
        if (!moved) await sleeper.sleep(SLOW_TICK_MS);
      }
    } finally {
      unfollow();
      sleeper.close();
    }
  }

  /** What there is from the position on, up to so many bytes: from memory where it is there. Throws BerthError `not-found`. */
  async page(what: FollowLog, limitBytes = PAGE_BYTES): Promise<LogPage> {
    return this.hotPage(what, limitBytes) ?? this.stored(what, limitBytes);
  }

  /** All between two places, at once; null where it is not all in memory, or more than `limitBytes`. */
  between(runId: string, from: number, to: number, limitBytes: number): LogPage | null {
    const chunks = this.hot.between(runId, from, to, limitBytes);
    return chunks && { chunks, next: to, complete: false };
  }

  private stored({ workspaceId, runId, after, stream }: FollowLog, limitBytes = PAGE_BYTES): Promise<LogPage> {
    return this.logs.read(workspaceId, runId, after, limitBytes, stream);
  }

  /** Null: ask Postgres, which also knows whether there is more to come. */
  private hotPage({ runId, after, stream }: FollowLog, limitBytes: number): LogPage | null {
    const chunks = this.hot.from(runId, after, limitBytes);
    const last = chunks.at(-1);
    if (!last) return null;
    const wanted = stream === undefined ? chunks : chunks.filter((chunk) => chunk.stream === stream);
    return { chunks: wanted, next: last.position + last.data.length + last.dropped, complete: false };
  }
}
