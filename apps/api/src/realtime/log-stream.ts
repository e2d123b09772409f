/** Follows the log of a run: for REST and the console's socket alike. A viewer holds a position, no buffer (law L7). */
import type { LogStream as StreamName } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import { type LogPage, LogRepository } from '../persistence/log-repository.ts';
import { Wakeups } from './wakeups.ts';

export interface FollowLog {
  workspaceId: string;
  runId: string;
  /** Position in the merged log. */
  after: number;
  stream?: StreamName;
}

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
  async *follow(_what: FollowLog, _signal: AbortSignal): AsyncGenerator<LogPage> {}
}
