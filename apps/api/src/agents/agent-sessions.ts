/**
 * The sessions that this process holds. Each is woken by its host's topic, from whichever replica that comes; and by a slow tick, which
 * finds the hosts that have not confirmed their generation, should the wake-up or the message have been lost.
 */
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { DispatchRepository } from '../persistence/dispatch-repository.ts';
import { Handover } from '../realtime/handover.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { SampleFeed } from '../stats/sample-feed.ts';
import type { AgentSession } from './agent-session.ts';

const TICK_MS = 1_000;
/** So often hosts are told what they may forget, where no assignment has told them. */
const TIDY_TICKS = 10;

interface Held {
  session: AgentSession;
  unsubscribe: () => void;
}

@Injectable()
export class AgentSessions implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('AgentSessions');
  private readonly held = new Map<string, Held>();
  private timer: NodeJS.Timeout | undefined;
  private ticks = 0;
  private failing = false;
  private closing = false;

  constructor(
    private readonly dispatches: DispatchRepository,
    private readonly wakeups: Wakeups,
    private readonly handover: Handover,
    feed: SampleFeed,
  ) {
    feed.onWatch(({ hostId, attemptIds, leaseSeconds }) => this.find(hostId)?.watch(attemptIds, leaseSeconds));
  }

  onApplicationBootstrap(): void {
    this.schedule();
  }

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
    for (const held of [...this.held.values()]) this.drop(held);
  }

  add(session: AgentSession): void {
    const { hostId } = session.of;
    this.held.get(hostId)?.unsubscribe();
    this.held.set(hostId, { session, unsubscribe: this.wakeups.subscribe(`host:${hostId}`, () => session.wake()) });
    this.handover.open(hostId, session);
  }

  /** Undefined: another replica holds it, or none. */
  find(hostId: string): AgentSession | undefined {
    return this.held.get(hostId)?.session;
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

  private drop({ session, unsubscribe }: Held): void {
    unsubscribe();
    this.held.delete(session.of.hostId);
    this.handover.close(session.of.hostId);
  }

  private schedule(): void {
    if (!this.closing) this.timer = setTimeout(() => void this.tick().finally(() => this.schedule()), TICK_MS);
  }

  private async tick(): Promise<void> {
    const now = Date.now();
    // Of a large fleet that is busy most have been told all within this second: asking for them all would cost more than their assignments.
    const quiet = [...this.held.values()].flatMap(({ session }) => (session.isToldSince(now - TICK_MS) ? [] : [session]));
    if (++this.ticks % TIDY_TICKS === 0) for (const session of quiet) session.tidy();
    if (quiet.length === 0) return;
    try {
      const behind = await this.dispatches.behind(quiet.map(({ of, confirmed }) => ({ hostId: of.hostId, confirmed })));
      for (const hostId of behind) this.held.get(hostId)?.session.resend(now);
      this.failing = false;
    } catch (error) {
      if (!this.failing)
        this.log.warn(`cannot look for unconfirmed assignments: ${error instanceof Error ? error.message : String(error)}`);
      this.failing = true;
    }
  }
}
