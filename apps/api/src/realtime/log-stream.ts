/** Follows the log of a run: for REST and the console's socket alike. A viewer holds a position, no buffer (law L7). */
import type { LogStream as StreamName } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import { type LogPage, LogRepository } from '../persistence/log-repository.ts';
import { Sleeper } from './sleeper.ts';
import { Wakeups } from './wakeups.ts';

export interface FollowLog {
  workspaceId: string;
  runId: string;
  /** Position in the merged log. */
  after: number;
  stream?: StreamName;
}

const PAGE_BYTES = 512 * 1024;
/** For wake-ups that got lost. */
const SLOW_TICK_MS = 5_000;

@Injectable()
export class LogStream {
  constructor(
    private readonly logs: LogRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /**
   * Pages from the position on, until the run is at an end and its log complete (the last page says `complete`), or `signal` is aborted.
   * The next page is read only when the consumer asks for it. Throws BerthError `not-found`.
   */
  async *follow({ workspaceId, runId, after, stream }: FollowLog, signal: AbortSignal): AsyncGenerator<LogPage> {
    const sleeper = new Sleeper(this.wakeups, [`log:${runId}`, `run:${runId}`], signal);
    try {
      let position = after;
      while (!signal.aborted) {
        const page = await this.logs.read(workspaceId, runId, position, PAGE_BYTES, stream);
        const moved = page.next > position;
        position = page.next;
        if (page.chunks.length > 0 || page.complete) yield page;
        if (page.complete) return;
        if (!moved) await sleeper.sleep(SLOW_TICK_MS);
      }
    } finally {
      sleeper.close();
    }
  }
}
