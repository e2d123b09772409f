/** Renames a run or changes its labels. What it runs stays: that is another run. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Run, UpdateRun } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { RunRepository } from '../persistence/run-repository.ts';
import { type RunChange, RunWrites } from '../persistence/run-writes.ts';
import { runTopics, Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class UpdateRunCommand {
  constructor(
    private readonly writes: RunWrites,
    private readonly runs: RunRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async execute(change: RunChange, { metadata }: UpdateRun): Promise<Run> {
    const changed = await this.writes.update(change, metadata);
    if (changed) this.wakeups.notify(`events:${change.workspaceId}`, ...runTopics(change.runId));
    const run = await this.runs.get(change.workspaceId, change.runId);
    if (!run) throw new BerthError('not-found', `There is no run ${change.runId}.`);
    return run;
  }
}
