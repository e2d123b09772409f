/** The stored log of a run: chunks by their position in the merged log. */
import { BerthError } from '@berth/shared/errors/problem';
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

export interface LogPage {
  /** The first one is cut where `after` lies inside it. */
  chunks: LogChunk[];
  /** Read on from here; it moves on over chunks of another stream too. */
  next: number;
  /** The run is at an end and nothing lies beyond `next`. */
  complete: boolean;
}

@Injectable()
export class LogRepository {
  constructor(private readonly database: Database) {}

  /** At least one chunk where there is one, then as many as fit `limitBytes`. Throws BerthError `not-found` for no such run in the workspace. */
  async read(_workspaceId: string, _runId: string, _after: number, _limitBytes: number, _stream?: LogStream): Promise<LogPage> {
    throw new BerthError('unavailable', 'not there yet');
  }
}
