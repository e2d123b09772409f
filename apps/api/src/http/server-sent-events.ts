/** Events of a workspace as server-sent events: `id` is the cursor, so that a browser's EventSource resumes by itself. */
import type { BerthEvent, Cursor } from '@berth/shared/events/event';
import { cursorSchema } from '@berth/shared/events/event';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventRepository } from '../persistence/event-repository.ts';
import { EventStream } from '../realtime/event-stream.ts';
import { LongResponses } from './long-responses.ts';

/** A comment this often keeps proxies from closing a quiet connection. */
const COMMENT_MS = 15_000;

@Injectable()
export class ServerSentEvents {
  constructor(
    private readonly events: EventRepository,
    private readonly stream: EventStream,
    private readonly long: LongResponses,
  ) {}

  /** From `after` on (absent: from now on). An expired cursor is refused with 410 before anything is sent. */
  async send(request: FastifyRequest, reply: FastifyReply, workspaceId: string, after: Cursor | undefined, kind?: BerthEvent['kind']) {
    // A browser that reconnects repeats the address, and says where it is in this header.
    const resumed = cursorSchema.safeParse(request.headers['last-event-id']);
    const from = resumed.success ? resumed.data : after;
    if (from !== undefined) await this.events.read(workspaceId, from, 1);
    const cursor = from ?? (await this.events.head(workspaceId));
    await this.long.send(reply, 'text/event-stream; charset=utf-8', (signal) => this.pieces(workspaceId, cursor, kind, signal));
  }

  private async *pieces(workspaceId: string, after: Cursor, kind: BerthEvent['kind'] | undefined, signal: AbortSignal) {
    yield `retry: 1000\nid: ${after}\nevent: open\ndata: {"cursor":"${after}"}\n\n`;
    const batches = this.stream.follow(workspaceId, after, signal)[Symbol.asyncIterator]();
    try {
      let next = batches.next();
      while (!signal.aborted) {
        const result = await within(next, COMMENT_MS, signal);
        if (result === undefined) {
          yield ': still here\n\n';
          continue;
        }
        if (result.done) return;
        const { events, cursor } = result.value;
        const wanted = events.filter((event) => kind === undefined || event.kind === kind);
        const lines = wanted.map((event) => `id: ${event.cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        // Where the last ones were of another kind, the place moves on all the same.
        if (wanted.at(-1)?.cursor !== cursor) lines.push(`id: ${cursor}\nevent: cursor\ndata: {"cursor":"${cursor}"}\n\n`);
        yield lines.join('');
        next = batches.next();
      }
    } finally {
      await batches.return?.(undefined);
    }
  }
}

/** Undefined when `milliseconds` have passed first, or the signal was aborted. */
async function within<T>(promise: Promise<T>, milliseconds: number, signal: AbortSignal): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  const other = new Promise<undefined>((resolve) => {
    stop = () => resolve(undefined);
    timer = setTimeout(stop, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([promise, other]);
  } finally {
    clearTimeout(timer);
    if (stop) signal.removeEventListener('abort', stop);
  }
}
