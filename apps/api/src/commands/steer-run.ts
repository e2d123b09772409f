/** Pause, resume and restart: what is asked of a container that runs, and carried out by its host. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { RunRepository } from '../persistence/run-repository.ts';
import { type RunChange, RunWrites } from '../persistence/run-writes.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class SteerRunCommand {
  constructor(
    private readonly writes: RunWrites,
    private readonly runs: RunRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Returns the run as it is now; that it is held, or goes on, follows. Asking again changes nothing. */
  async pause(change: RunChange, desired: 'run' | 'pause'): Promise<Run> {
    return this.carriedOn(change, await this.writes.requestPause(change, desired));
  }

  /** Returns the run as it is now; its next life follows. */
  async restart(change: RunChange): Promise<Run> {
    return this.carriedOn(change, await this.writes.requestRestart(change));
  }

  private async carriedOn(change: RunChange, { changed, hostIds }: { changed: boolean; hostIds: string[] }): Promise<Run> {
    if (changed) this.wakeups.notify(`events:${change.workspaceId}`, ...runTopics(change.runId), ...hostTopics(hostIds));
    const run = await this.runs.get(change.workspaceId, change.runId);
    if (!run) throw new BerthError('not-found', `There is no run ${change.runId}.`);
    return run;
  }
}
