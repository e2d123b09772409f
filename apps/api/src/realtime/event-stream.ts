/** Follows the events of a workspace: for server-sent events and the console's socket alike. */
import type { Cursor } from '@berth/shared/events/event';
import { Injectable } from '@nestjs/common';
import { type EventBatch, EventRepository } from '../persistence/event-repository.ts';
import { Wakeups } from './wakeups.ts';

@Injectable()
export class EventStream {
  constructor(
    private readonly events: EventRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /**
   * Batches from the cursor on (null: from now on), for ever: ends without an error once `signal` is aborted.
   * The next batch is read only when the consumer asks for it. Throws BerthError `cursor-expired`.
   */
  async *follow(_workspaceId: string, _after: Cursor | null, _signal: AbortSignal): AsyncGenerator<Pick<EventBatch, 'events' | 'cursor'>> {}
}
