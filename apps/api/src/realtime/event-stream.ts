/** Follows the events of a workspace: for server-sent events and the console's socket alike. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cursor } from '@berth/shared/events/event';
import { Injectable } from '@nestjs/common';
import { type EventBatch, EventRepository } from '../persistence/event-repository.ts';
import { Sleeper } from './sleeper.ts';
import { Wakeups } from './wakeups.ts';

const BATCH = 500;
/** For wake-ups that got lost. */
const SLOW_TICK_MS = 5_000;
/** While events lie beyond a transaction in flight. */
const PENDING_TICK_MS = 5;
/** Between the beginnings of two reads that need not be full: no eye sees the difference, and under load each brings many events. */
const READ_EVERY_MS = 20;

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
  async *follow(workspaceId: string, after: Cursor | null, signal: AbortSignal): AsyncGenerator<Pick<EventBatch, 'events' | 'cursor'>> {
    // Subscribed before the first look: a change between look and sleep ends the sleep.
    const sleeper = new Sleeper(this.wakeups, [`events:${workspaceId}`], signal);
    try {
      let cursor = after ?? (await this.events.head(workspaceId));
      while (!signal.aborted) {
        const begun = performance.now();
        const batch = await this.events.read(workspaceId, cursor, BATCH);
        cursor = batch.cursor;
        if (batch.events.length > 0) yield { events: batch.events, cursor };
        if (batch.events.length === BATCH) continue;
        await sleeper.sleep(batch.pending ? PENDING_TICK_MS : SLOW_TICK_MS);
        const restMs = begun + READ_EVERY_MS - performance.now();
        if (restMs > 0 && !signal.aborted) await delay(restMs);
      }
    } finally {
      sleeper.close();
    }
  }
}
