/** One console that uses one terminal: what it has not seen yet is asked for from the host, a piece at a time; keys go the other way. */
import { Injectable } from '@nestjs/common';
import type { Socket } from 'socket.io';
import { type FoundTerminal, UseTerminalCommand } from '../commands/use-terminal.ts';
import type { Deliver } from './log-viewer.ts';

export interface ViewTerminal {
  workspaceId: string;
  runId: string;
  terminal: string;
  sub: string;
  after: number;
}

@Injectable()
export class TerminalViewers {
  private readonly open = new Map<string, FoundTerminal>();

  constructor(private readonly terminals: UseTerminalCommand) {}

  /** From now on keys are taken. Throws BerthError `not-found` for a run that is not in the workspace. */
  async enter(socket: Socket, { workspaceId, runId, terminal, sub }: ViewTerminal): Promise<void> {
    this.open.set(keyOf(socket, sub), await this.terminals.find(workspaceId, runId, terminal));
  }

  /** After `enter`. Until it ends, or `signal` is aborted. Throws what the host answers where it is not there. */
  async view(socket: Socket, { sub, after }: ViewTerminal, deliver: Deliver, signal: AbortSignal): Promise<void> {
    const key = keyOf(socket, sub);
    const found = this.open.get(key);
    try {
      let position = after;
      while (found && !signal.aborted) {
        const { from, data, ended } = await this.terminals.read(found, position);
        if (signal.aborted) return;
        const bytes = Buffer.from(data, 'base64');
        const next = from + bytes.length;
        if (bytes.length > 0 || ended) await deliver({ channel: 'terminal', sub, from, data: bytes, next, ended });
        position = next;
        if (ended) return;
      }
    } finally {
      this.open.delete(key);
    }
  }

  /** At most once: a key that did not arrive is pressed again by whoever sees that nothing happened. */
  type(socket: Socket, sub: string, data: string): void {
    const found = this.open.get(keyOf(socket, sub));
    if (found) void this.terminals.write(found, data).catch(() => undefined);
  }

  resize(socket: Socket, sub: string, columns: number, rows: number): void {
    const found = this.open.get(keyOf(socket, sub));
    if (found) void this.terminals.resize(found, columns, rows).catch(() => undefined);
  }
}

const keyOf = (socket: Socket, sub: string) => `${socket.id} ${sub}`;
