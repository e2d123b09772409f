/**
 * What this process has just assigned, given to the session of its host where this process holds that too: its agent hears of it without a
 * wake-up and without asking Postgres for what has just been written there. It may be given to nobody at any time; the wake-up comes then.
 */
import { Injectable } from '@nestjs/common';
import type { HostAssignments } from '../persistence/dispatch-repository.ts';

export interface Taker {
  /** False: it does not follow from what the session's agent was told last. */
  take(assigned: HostAssignments, since: number): boolean;
}

@Injectable()
export class Handover {
  private readonly takers = new Map<string, Taker>();

  /** In place of whichever session of the host was here before. */
  open(hostId: string, taker: Taker): void {
    this.takers.set(hostId, taker);
  }

  close(hostId: string): void {
    this.takers.delete(hostId);
  }

  /**
   * After the commit: all that the generation changed on the host. `since`: by the clock of this process, in milliseconds, a time before the
   * transaction. False: a wake-up is needed.
   */
  give(hostId: string, assigned: HostAssignments, since: number): boolean {
    return this.takers.get(hostId)?.take(assigned, since) ?? false;
  }
}
