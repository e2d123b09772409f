/** One console that watches one log: it reads what is behind it a batch at a time, and what is new together with the others. */
import type { Push } from '@berth/shared/events/console-socket';
import { pack } from '@berth/shared/protocol/packed';
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import type { LogPage } from '../persistence/log-repository.ts';
import { type Left, type LogRoom, LogRooms } from './log-rooms.ts';
import { LogStream } from './log-stream.ts';

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

@Injectable()
export class LogViewers {
  private readonly inRoom = new Map<string, LogRoom>();

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
    let room = this.rooms.enter(workspaceId, runId, head);
    try {
      while (!signal.aborted) {
        if (room.closed && !room.complete) {
          this.rooms.release(room);
          room = this.rooms.enter(workspaceId, runId, position);
        }
        if (position < room.position) {
          const page = await this.stream.page({ workspaceId, runId, after: position });
          await send(page);
          if (page.complete) return;
        } else if (room.complete) {
          await send({ ...emptyPage(position), complete: true });
          return;
        } else if (position > room.position || room.has(socket)) await room.moved(signal);
        else {
          const left = await this.join(socket, room, sub, signal);
          if (left.complete || signal.aborted) return;
          // Its answer says that all of what was sent before it is taken. Where the room failed, reading says why.
          await send(room.closed ? await this.stream.page({ workspaceId, runId, after: left.position }) : emptyPage(left.position));
        }
      }
    } finally {
      this.rooms.release(room);
    }
  }

  /** The client has taken everything before `next`. */
  taken(socket: Socket, sub: string, next: number): void {
    this.inRoom.get(`${socket.id} ${sub}`)?.taken(socket, next);
  }

  private async join(socket: Socket, room: LogRoom, sub: string, signal: AbortSignal): Promise<Left> {
    const key = `${socket.id} ${sub}`;
    this.inRoom.set(key, room);
    try {
      return await room.join(socket, signal);
    } finally {
      this.inRoom.delete(key);
    }
  }
}

const emptyPage = (next: number): LogPage => ({ chunks: [], next, complete: false });
