/** Drains go on a step at a time, from what Postgres says now; whatever ends on the host wakes the next one, or the sweep does. */
import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DrainRepository, type RoomFor } from '../persistence/drain-repository.ts';
import { planDrain } from '../planning/drain/plan-drain.ts';
import { planPlacements } from '../planning/scheduler/pipeline.ts';
import { hostTopics, Wakeups } from '../realtime/wakeups.ts';

/** As the scheduler would place them. */
const roomFor: RoomFor = (snapshot) =>
  new Set(planPlacements({ ...snapshot, now: new Date(), seed: randomBytes(10) }).placements.map(({ runId }) => runId));

@Injectable()
export class Drains {
  constructor(
    private readonly repository: DrainRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Safe to call at any time and from several processes. */
  async goOn(): Promise<void> {
    for (const host of await this.repository.unfinished()) {
      if (!(await this.repository.step(host, roomFor, planDrain))) continue;
      this.wakeups.notify(`events:${host.workspaceId}`, ...hostTopics([host.hostId]));
    }
  }
}
