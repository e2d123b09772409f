/** Pause and resume: a running container held still, and let go on. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { RunRepository } from '../persistence/run-repository.ts';
import { type RunChange, RunWrites } from '../persistence/run-writes.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { runTopics, Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class PauseRunCommand {
  constructor(
    private readonly writes: RunWrites,
    private readonly runs: RunRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  /** Returns the run as it is now; that it is held, or goes on, follows. Asking again changes nothing. */
  async execute(change: RunChange, desired: 'run' | 'pause'): Promise<Run> {
    const { changed, hostIds } = await this.writes.requestPause(change, desired);
    if (changed) {
      this.wakeups.notify(`events:${change.workspaceId}`, ...runTopics(change.runId));
      void this.queues.wakeDispatch(hostIds);
    }
    const run = await this.runs.get(change.workspaceId, change.runId);
    if (!run) throw new BerthError('not-found', `There is no run ${change.runId}.`);
    return run;
  }
}
