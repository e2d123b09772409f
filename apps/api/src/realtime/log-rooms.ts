/**
 * Viewers that have caught up with a log watch it together: what is new is read once, encoded once and sent to all of a room. A thousand
 * viewers cost a thousand writes then, not a thousand reads, encodings and answers. Rooms are small, and are sent to one after the other: to write to
 * a thousand sockets takes tens of milliseconds, which nobody waits for that way.
 *
 * Invariants:
 * - a member was sent exactly what lies before the room's position: it joins where its own position is the room's, or is sent what lies between
 *   in the moment in which it joins (waiting for its answer it would find that the room has moved on, for ever);
 * - no more than WINDOW_BYTES of a room are under way to a member: one that does not say what it has taken leaves the room, and reads on by
 *   itself, a batch at a time, once it has (law L7). Nothing is kept for it meanwhile.
 */
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import type { LogChunk, Tail } from '@berth/shared/events/console-socket';
import { pack } from '@berth/shared/protocol/packed';
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import type { LogPage } from '../persistence/log-repository.ts';
import { emitAlike } from './emit-alike.ts';
import { LogStream } from './log-stream.ts';
import { SendingPace } from './sending-pace.ts';

const WINDOW_BYTES = 256 * 1024;
/** What a batch weighs besides its bytes: many small ones fill a window too. */
const BATCH_BYTES = 256;
/**
 * Up to here the bytes travel as text: one frame, encoded once for all. Binary data is smaller and quicker to make, and is a frame of its own for
 * each socket: where there are more than a few, a room that has fallen behind would fall further behind with every large batch.
 */
const TEXT_BYTES = 16 * 1024;
const FEW = 4;
/** Who comes when so many are in a room opens another one. */
const MOST_IN_ROOM = 64;

interface Member {
  socket: Socket;
  /** Positions in the merged log. */
  sent: number;
  taken: number;
  /** Bytes that are under way, and what their batches weigh. */
  pending: number;
  leave: (left: Left) => void;
}

/** `complete`: the member was sent the last of the log. */
export interface Left {
  position: number;
  complete: boolean;
}

@Injectable()
export class LogRooms {
  private readonly rooms = new Map<string, LogRoom[]>();
  private readonly pace = new SendingPace();
  /** Until the last room that waits for one has had it. */
  private turns: Promise<void> = Promise.resolve();

  constructor(private readonly stream: LogStream) {}

  /** A room of a run that is one of the workspace; `head`: where its log ends at present. `release` it in the end. */
  enter(workspaceId: string, runId: string, head: number): LogRoom {
    const rooms = this.rooms.get(runId) ?? [];
    const known = rooms.find(({ closed, holders }) => !closed && holders < MOST_IN_ROOM);
    if (known) {
      known.holders++;
      return known;
    }
    const room = new LogRoom(runId);
    this.rooms.set(runId, [...rooms, room]);
    void this.fill(room, workspaceId, head);
    return room;
  }

  release(room: LogRoom): void {
    room.holders--;
    if (room.holders === 0) this.close(room);
  }

  private async fill(room: LogRoom, workspaceId: string, head: number): Promise<void> {
    room.position = head;
    try {
      const pages = this.stream.follow({ workspaceId, runId: room.runId, after: head }, room.ending.signal);
      for await (const page of pages) {
        const began = performance.now();
        room.send(page);
        const rest = this.pace.restAfter(performance.now() - began, began);
        // Below the timers' own grain there is nothing to gain.
        if (page.complete || rest < 1) continue;
        await delay(rest);
        await this.turn();
      }
    } catch {
      // Its members read on by themselves, and find out what is wrong.
    } finally {
      this.close(room);
    }
  }

  /** Rooms that have rested go on one a turn of the event loop: what is stored meanwhile goes on too, and is with the next of them. */
  private turn(): Promise<void> {
    this.turns = this.turns.then(() => nextTurn());
    return this.turns;
  }

  private close(room: LogRoom): void {
    const others = (this.rooms.get(room.runId) ?? []).filter((other) => other !== room);
    if (others.length > 0) this.rooms.set(room.runId, others);
    else this.rooms.delete(room.runId);
    room.close();
  }
}

export class LogRoom {
  readonly ending = new AbortController();
  position = 0;
  complete = false;
  holders = 1;
  private readonly members = new Map<string, Member>();
  private waiting: (() => void)[] = [];

  constructor(readonly runId: string) {}

  get closed(): boolean {
    return this.ending.signal.aborted;
  }

  /** A socket is in a room once: a second subscription of it to the same log goes its own way. */
  has(socket: Socket): boolean {
    return this.members.has(socket.id);
  }

  /** The socket was sent everything before this room's position, and has taken what is before `taken`. Resolves when the member is out again. */
  join(socket: Socket, taken: number, signal: AbortSignal): Promise<Left> {
    return new Promise((resolve) => {
      const { position } = this;
      const leave = (left: Left) => {
        if (!this.members.delete(socket.id)) return;
        signal.removeEventListener('abort', aborted);
        resolve(left);
      };
      const pending = taken === position ? 0 : position - taken + BATCH_BYTES;
      const member: Member = { socket, sent: position, taken, pending, leave };
      const aborted = () => leave({ position: member.sent, complete: false });
      signal.addEventListener('abort', aborted, { once: true });
      this.members.set(socket.id, member);
    });
  }

  /** What a client says it has taken; beyond what it was sent is not believed. */
  taken(socket: Socket, next: number): void {
    const member = this.members.get(socket.id);
    if (!member || next <= member.taken) return;
    member.taken = Math.min(next, member.sent);
    member.pending = member.taken === member.sent ? 0 : Math.min(member.pending, member.sent - member.taken + BATCH_BYTES);
  }

  send(page: LogPage): void {
    const tail = tailOf(this.runId, this.position, page, this.members.size);
    const sockets = [...this.members.values()].map(({ socket }) => socket);
    if (typeof tail.data === 'string') emitAlike(sockets, 'tail', tail);
    else for (const socket of sockets) socket.emit('tail', tail);
    this.position = page.next;
    this.complete = page.complete;
    const weight = tail.chunks.reduce((sum, { length }) => sum + length, BATCH_BYTES);
    for (const member of [...this.members.values()]) {
      member.sent = page.next;
      member.pending += weight;
      if (page.complete || member.pending > WINDOW_BYTES) member.leave({ position: page.next, complete: page.complete });
    }
    this.call();
  }

  /** Until the room has moved on, or is closed, or the signal is aborted. */
  moved(signal: AbortSignal): Promise<void> {
    if (this.closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.waiting.push(done);
    });
  }

  close(): void {
    if (this.closed) return;
    this.ending.abort();
    for (const member of [...this.members.values()]) member.leave({ position: member.sent, complete: false });
    this.call();
  }

  private call(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const done of waiting) done();
  }
}

function tailOf(run: string, from: number, { chunks, next, complete }: LogPage, members: number): Tail {
  const { heads, data } = pack<LogChunk>(chunks);
  const text = data.length <= TEXT_BYTES || members > FEW;
  return {
    run,
    from,
    chunks: heads,
    data: text ? Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64') : data,
    next,
    complete,
  };
}
