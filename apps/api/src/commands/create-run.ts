/** Admission of a run: what can be known to be wrong now is refused now; the rest is stored, and placed by the scheduler. */
import { BerthError } from '@berth/shared/errors/problem';
import type { CreateRun, Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import type { NewRun } from '../persistence/run-inserter.ts';
import { toRun } from '../persistence/run-mapper.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { RunWrites } from '../persistence/run-writes.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { Admission } from './admission.ts';
import { newRun } from './new-run.ts';

export interface CreateRunInput {
  workspace: WorkspaceRef;
  actor: string;
  body: CreateRun;
  claim?: IdempotencyClaim;
}

@Injectable()
export class CreateRunCommand {
  constructor(
    private readonly writes: RunWrites,
    private readonly runs: RunRepository,
    private readonly admission: Admission,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  async execute({ workspace, actor, body, claim }: CreateRunInput): Promise<Run> {
    const run = await this.admitted({ workspace, actor, body });
    const earlier = await this.writes.insert(run, claim);
    if (earlier) {
      const first = await this.runs.get(workspace.id, earlier.resourceId);
      if (!first) throw new BerthError('not-found', `The run ${earlier.resourceId} that this Idempotency-Key made was deleted.`);
      return first;
    }
    this.wakeups.notify(`events:${workspace.id}`);
    void this.queues.wakePlacement(workspace.id);
    return toRun(run, []);
  }

  /** Whether it would be refused now; nothing is written. Throws as `execute` does. */
  async check(input: Pick<CreateRunInput, 'workspace' | 'actor' | 'body'>): Promise<void> {
    await this.admitted(input);
  }

  private async admitted({ workspace, actor, body }: Pick<CreateRunInput, 'workspace' | 'actor' | 'body'>): Promise<NewRun> {
    const spec = await this.admission.admitRun(workspace.id, body.spec);
    const run = newRun(workspace, actor, { ...body, spec }, new Date());
    await this.admission.refuseTakenPorts(run);
    return run;
  }
}
