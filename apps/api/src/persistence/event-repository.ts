/**
 * The event stream of a workspace (DESIGN §7, "Event cursors").
 * Rows are ordered by (xid, seq) and read only below the oldest transaction still in flight: whatever commits later has a greater xid,
 * so a reader that remembers a cursor loses nothing.
 */
import { BerthError } from '@berth/shared/errors/problem';
import type { BerthEvent, Cursor } from '@berth/shared/events/event';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';

type WithoutPlace<E> = E extends BerthEvent ? Omit<E, 'cursor' | 'at' | 'kind'> : never;
/** An event before it has its place in the stream. */
export type NewEvent = WithoutPlace<BerthEvent> & { workspaceId: string };

export interface EventBatch {
  events: BerthEvent[];
  /** Read on from here. */
  cursor: Cursor;
  /** More is written, but lies beyond a transaction that is still in flight: look again within milliseconds. */
  pending: boolean;
}

@Injectable()
export class EventRepository {
  constructor(private readonly database: Database) {}

  /** Appends in the transaction of the change itself. */
  async append(_sql: Sql, _events: readonly NewEvent[]): Promise<void> {
    throw new BerthError('unavailable', 'not there yet');
  }

  /** Events after the cursor, oldest first; null: from the beginning of what is kept. Throws BerthError `cursor-expired`. */
  async read(_workspaceId: string, _after: Cursor | null, _limit: number): Promise<EventBatch> {
    throw new BerthError('unavailable', 'not there yet');
  }

  /** Events of one run, as `read`. */
  async readForRun(_workspaceId: string, _runId: string, _after: Cursor | null, _limit: number): Promise<EventBatch> {
    throw new BerthError('unavailable', 'not there yet');
  }

  /** The cursor of now. Ask before the list that it goes with: what commits after this call is read from there, some of the list perhaps again. */
  async head(_workspaceId: string): Promise<Cursor> {
    throw new BerthError('unavailable', 'not there yet');
  }
}
