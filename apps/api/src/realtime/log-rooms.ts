/**
 * Viewers that have caught up with a log watch it together: what is new is read once, encoded once and sent to all of them. A thousand
 * viewers cost a thousand writes then, not a thousand reads, encodings and answers.
 *
 * Invariants:
 * - a member was sent exactly what lies before the room's position: it joins where its own position is the room's, or is sent what lies between
 *   in the moment in which it joins (waiting for its answer it would find that the room has moved on, for ever);
 * - no more than WINDOW_BYTES of a room are under way to a member: one that does not say what it has taken leaves the room, and reads on by
 *   itself, a batch at a time, once it has (law L7). Nothing is kept for it meanwhile.
 */
import type { LogChunk, Tail } from '@berth/shared/events/console-socket';
import { pack } from '@berth/shared/protocol/packed';
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import type { LogPage } from '../persistence/log-repository.ts';
import { LogStream } from './log-stream.ts';

const WINDOW_BYTES = 256 * 1024;
/** What a batch weighs besides its bytes: many small ones fill a window too. */
const BATCH_BYTES = 256;
/**
 * Up to here the bytes travel as text: one frame, encoded once for all. Binary data is smaller and quicker to make, and is a frame of its own for
 * each socket: where there are more than a few, a room that has fallen behind would fall further behind with every large batch.
 */
const TEXT_BYTES = 16 * 1024;
const FEW = 4;
/**
 * After a batch a room rests for so many times as long as it took to send, and more comes together meanwhile: with a thousand members it takes a
 * third of this process, and whoever reads on the same machine can keep up. Rests are short beside what a reader can see.
 */
const RESTS = 2;
const MOST_REST_MS = 50;

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
  private readonly rooms = new Map<string, LogRoom>();

  constructor(private readonly stream: LogStream) {}

  /** The room of a run that is one of the workspace; `head`: where its log ends at present. `release` it in the end. */
  enter(workspaceId: string, runId: string, head: number): LogRoom {
    const known = this.rooms.get(runId);
    if (known && !known.closed) {
      known.holders++;
      return known;
    }
    const room = new LogRoom(runId);
    this.rooms.set(runId, room);
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
        room.send(page);
        if (!page.complete) await room.pause();
      }
    } catch {
      // Its members read on by themselves, and find out what is wrong.
    } finally {
      this.close(room);
    }
  }

  private close(room: LogRoom): void {
    if (this.rooms.get(room.runId) === room) this.rooms.delete(room.runId);
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
  private sendingMs = 0;

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
        void socket.leave(this.name);
        signal.removeEventListener('abort', aborted);
        resolve(left);
      };
      const pending = taken === position ? 0 : position - taken + BATCH_BYTES;
      const member: Member = { socket, sent: position, taken, pending, leave };
      const aborted = () => leave({ position: member.sent, complete: false });
      signal.addEventListener('abort', aborted, { once: true });
      this.members.set(socket.id, member);
      void socket.join(this.name);
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
    const [first] = this.members.values();
    const tail = tailOf(this.runId, this.position, page, this.members.size);
    this.position = page.next;
    this.complete = page.complete;
    const began = performance.now();
    first?.socket.nsp.to(this.name).emit('tail', tail);
    this.sendingMs = performance.now() - began;
    const weight = tail.chunks.reduce((sum, { length }) => sum + length, BATCH_BYTES);
    for (const member of [...this.members.values()]) {
      member.sent = page.next;
      member.pending += weight;
      if (page.complete || member.pending > WINDOW_BYTES) member.leave({ position: page.next, complete: page.complete });
    }
    this.call();
  }

  /** So long that its members can be written to meanwhile. */
  pause(): Promise<void> {
    const ms = Math.min(MOST_REST_MS, this.sendingMs * RESTS);
    return ms < 1 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, ms));
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

  private get name(): string {
    return `log:${this.runId}`;
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
