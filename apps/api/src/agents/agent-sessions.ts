/** The sessions that this process holds; each is woken by its host's topic, from whichever replica that comes. */
import { Injectable } from '@nestjs/common';
import { Wakeups } from '../realtime/wakeups.ts';
import type { AgentSession } from './agent-session.ts';

interface Held {
  session: AgentSession;
  unsubscribe: () => void;
}

@Injectable()
export class AgentSessions {
  private readonly held = new Map<string, Held>();

  constructor(private readonly wakeups: Wakeups) {}

  add(session: AgentSession): void {
    const { hostId } = session.of;
    this.held.get(hostId)?.unsubscribe();
    this.held.set(hostId, { session, unsubscribe: this.wakeups.subscribe(`host:${hostId}`, () => session.resend(Date.now())) });
  }

  /** Ends the session that another one takes the place of. `same`: of the same process, whose link had broken. */
  replace(hostId: string, same: boolean): void {
    const held = this.held.get(hostId);
    if (!held) return;
    this.drop(held);
    if (same) held.session.end();
    else held.session.refuse('replaced', 'another agent has connected with the key of this host');
  }

  remove(session: AgentSession): void {
    const held = this.held.get(session.of.hostId);
    if (held?.session === session) this.drop(held);
  }

  clear(): void {
    for (const held of [...this.held.values()]) this.drop(held);
  }

  private drop({ session, unsubscribe }: Held): void {
    unsubscribe();
    this.held.delete(session.of.hostId);
  }
}
