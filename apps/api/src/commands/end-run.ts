/** Stop, kill and delete: what a user may ask of a run that exists. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { RunRepository } from '../persistence/run-repository.ts';
import { type RunChange, RunWrites } from '../persistence/run-writes.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class EndRunCommand {
  constructor(
    private readonly writes: RunWrites,
    private readonly runs: RunRepository,
    private readonly wakeups: Wakeups,
  ) {}

  /** Returns the run as it is now; its end follows. Asking again changes nothing. */
  async stop(change: RunChange, desired: 'stop' | 'kill'): Promise<Run> {
    const { changed, hostIds } = await this.writes.requestEnd(change, desired);
    if (changed) this.announce(change, hostIds);
    const run = await this.runs.get(change.workspaceId, change.runId);
    if (!run) throw new BerthError('not-found', `There is no run ${change.runId}.`);
    return run;
  }

  /** With `force`, an active run is killed; its readers no longer see it from now on. */
  async delete(change: RunChange, force: boolean): Promise<void> {
    const { hostIds } = await this.writes.remove(change, force);
    this.announce(change, hostIds);
  }

  private announce({ workspaceId, runId }: RunChange, hostIds: readonly string[]): void {
    this.wakeups.notify(`events:${workspaceId}`, ...runTopics(runId), ...hostTopics(hostIds));
  }
}
