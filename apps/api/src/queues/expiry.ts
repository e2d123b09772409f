/** Runs whose spec says how long they are kept after their end: removed as a user removes them, with log and container. */
import { BerthError } from '@berth/shared/errors/problem';
import { Injectable } from '@nestjs/common';
import { EndRunCommand } from '../commands/end-run.ts';
import { SweepRepository } from '../persistence/sweep-repository.ts';

/** Who removed them, in their events. */
const ACTOR = 'berth';

@Injectable()
export class Expiry {
  constructor(
    private readonly repository: SweepRepository,
    private readonly ends: EndRunCommand,
  ) {}

  /** Those whose time is up, a bounded number a call. Several processes may do this at once. */
  async removeExpired(): Promise<void> {
    for (const { runId, workspaceId } of await this.repository.expired()) {
      try {
        await this.ends.delete({ workspaceId, runId, actor: ACTOR }, false);
      } catch (error) {
        // Another process was quicker.
        if (!(error instanceof BerthError && error.code === 'not-found')) throw error;
      }
    }
  }
}
