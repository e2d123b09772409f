/** Places what is pending in a workspace: one snapshot, one plan, one transaction a round (L2). */
import { randomBytes } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { type AppliedPlacement, type PendingCursor, PlacementConflict, PlacementRepository } from '../persistence/placement-repository.ts';
import { planPlacements } from '../planning/scheduler/pipeline.ts';
import { Handover } from '../realtime/handover.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';
import { Rounds } from './rounds.ts';

/** Runs that one round looks at. */
const ROUND = 2000;
/** While Postgres works on one, another one is planned; more would only take connections from everybody else. */
const ROUNDS_AT_ONCE = 2;
const MOST_REPLANS = 5;
/** So that the rounds of a workspace with many hosts take half of the time at most, and no run waits long for the next one. */
const REST = { times: 1, mostMs: 100 };

@Injectable()
export class PlacementJob {
  private readonly log = new Logger('Placement');
  private readonly rounds = new Rounds(ROUNDS_AT_ONCE, REST);

  constructor(
    private readonly placements: PlacementRepository,
    private readonly wakeups: Wakeups,
    private readonly handover: Handover,
  ) {}

  /** Looks at every pending run of the workspace once, in rounds; safe to call at any time and from several processes. */
  async run(workspaceId: string): Promise<void> {
    let after: PendingCursor | null = null;
    for (;;) {
      const from: PendingCursor | null = after;
      const applied: AppliedPlacement = await this.rounds.take(workspaceId, () => this.round(workspaceId, from));
      if (applied.changedRunIds.length > 0) {
        this.wakeups.notify(`events:${workspaceId}`, ...hostTopics(this.untold(applied)), ...applied.changedRunIds.flatMap(runTopics));
      }
      if (applied.next === null) return;
      after = applied.next;
    }
  }

  /** Hosts whose sessions are elsewhere, or have to look by themselves. */
  private untold({ assigned, since }: AppliedPlacement): string[] {
    return [...assigned].flatMap(([hostId, found]) => (this.handover.give(hostId, found, since) ? [] : [hostId]));
  }

  /** A port that somebody else claimed since the snapshot is a reason to plan again, on a new one. */
  private async round(workspaceId: string, after: PendingCursor | null): Promise<AppliedPlacement> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.placements.round(workspaceId, { after, limit: ROUND }, (snapshot) =>
          planPlacements({ ...snapshot, now: new Date(), seed: randomBytes(10) }),
        );
      } catch (error) {
        if (!(error instanceof PlacementConflict) || attempt === MOST_REPLANS) throw error;
        this.log.debug(`planning again: ${error.message}`);
      }
    }
  }
}
