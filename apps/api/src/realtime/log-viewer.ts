/** One console that watches one log: it reads what is behind it a batch at a time, and what is new together with the others. */
import type { Push } from '@berth/shared/events/console-socket';
import { pack } from '@berth/shared/protocol/packed';
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import type { LogPage } from '../persistence/log-repository.ts';
import { type Left, type LogRoom, LogRooms } from './log-rooms.ts';
import { LogStream, PAGE_BYTES } from './log-stream.ts';

export interface ViewLog {
  workspaceId: string;
  runId: string;
  sub: string;
  /** Position in the merged log. */
  after: number;
  /** Where the log ended when it was asked for. */
  head: number;
}

/** Sends a batch and resolves once the client has taken it. */
export type Deliver = (push: Push) => Promise<void>;

/** What may be under way to all viewers of this process that read for themselves: a thousand that have stopped taking are to cost no more. */
const UNDER_WAY_BYTES = 64 * 1024 * 1024;
const LEAST_BYTES = 16 * 1024;
/** Who is no further behind a room than this joins it with what lies between on its way. Half of what a member may have under way. */
const BRIDGED_BYTES = 128 * 1024;

@Injectable()
export class LogViewers {
  private readonly inRoom = new Map<string, LogRoom>();
  private viewers = 0;

  constructor(
    private readonly rooms: LogRooms,
    private readonly stream: LogStream,
  ) {}

  /** Until the log is complete, or `signal` is aborted. Throws what reading and delivering throw. */
  async view(socket: Socket, wanted: ViewLog, deliver: Deliver, signal: AbortSignal): Promise<void> {
    const { workspaceId, runId, sub, head } = wanted;
    let position = wanted.after;
    const send = async (page: LogPage) => {
      const { heads, data } = pack(page.chunks);
      await deliver({ channel: 'log', sub, chunks: heads, data, next: page.next, complete: page.complete });
      position = page.next;
    };
    const page = (after: number) => {
      const share = Math.floor(UNDER_WAY_BYTES / this.viewers);
      return this.stream.page({ workspaceId, runId, after }, Math.min(PAGE_BYTES, Math.max(LEAST_BYTES, share)));
    };
    let room = this.rooms.enter(workspaceId, runId, head);
    this.viewers++;
    try {
      while (!signal.aborted) {
        if (room.closed && !room.complete) {
          this.rooms.release(room);
          room = this.rooms.enter(workspaceId, runId, position);
        }
        const isBehind = position < room.position;
        const between =
          isBehind && !room.complete && !room.has(socket) ? this.stream.between(runId, position, room.position, BRIDGED_BYTES) : null;
        if (isBehind && !between) {
          const own = await page(position);
          await send(own);
          if (own.complete) return;
        } else if (room.complete) {
          await send({ ...emptyPage(position), complete: true });
          return;
        } else if (position > room.position || room.has(socket)) await room.moved(signal);
        else {
          const taken = position;
          const left = await this.join(socket, room, { sub, taken, signal, sending: between ? send(between) : Promise.resolve() });
          if (left.complete || signal.aborted) return;
          // Its answer says that all of what was sent before it is taken. Where the room failed, reading says why.
          await send(room.closed ? await page(left.position) : emptyPage(left.position));
        }
      }
    } finally {
      this.viewers--;
      this.rooms.release(room);
    }
  }

  /** The client has taken everything before `next`. */
  taken(socket: Socket, sub: string, next: number): void {
    this.inRoom.get(`${socket.id} ${sub}`)?.taken(socket, next);
  }

  /** `sending`: what brings it to the position of the room. It need not have arrived. */
  private async join(socket: Socket, room: LogRoom, { sub, taken, signal, sending }: Joining): Promise<Left> {
    const key = `${socket.id} ${sub}`;
    const failing = new AbortController();
    const { position } = room;
    const sent = sending.then(
      () => room.taken(socket, position),
      (error: unknown) => failing.abort(error),
    );
    this.inRoom.set(key, room);
    try {
      const left = await room.join(socket, taken, AbortSignal.any([signal, failing.signal]));
      if (!signal.aborted) await sent;
      failing.signal.throwIfAborted();
      return left;
    } finally {
      this.inRoom.delete(key);
    }
  }
}

interface Joining {
  sub: string;
  /** What the client has taken. */
  taken: number;
  signal: AbortSignal;
  sending: Promise<void>;
}

const emptyPage = (next: number): LogPage => ({ chunks: [], next, complete: false });
