/** A start that a person asks for, paused or not. What the overlap policy forbids is refused. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Run } from '@berth/shared/model/run';
import { SCHEDULE_DEFAULTS } from '@berth/shared/model/schedule';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { type DecidedStart, ScheduleStarts, type StartState } from '../persistence/schedule-starts.ts';
import { newestOf, stillThere } from '../planning/schedules/plan-start.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';
import { Admission } from './admission.ts';
import { admissionOf, isHeldByOne, runOfSchedule } from './scheduled-run.ts';

export interface RunNowInput {
  workspace: WorkspaceRef;
  scheduleId: string;
  actor: string;
  claim?: IdempotencyClaim;
}

@Injectable()
export class RunScheduleNowCommand {
  constructor(
    private readonly starts: ScheduleStarts,
    private readonly runs: RunRepository,
    private readonly admission: Admission,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  async execute({ workspace, scheduleId, actor, claim }: RunNowInput): Promise<Run> {
    const ref = await this.starts.refOf(workspace.id, scheduleId);
    if (!ref) throw new BerthError('not-found', `There is no schedule ${scheduleId}.`);
    const { template, refusal } = await admissionOf(this.admission, ref, actor);
    const run = runOfSchedule(ref, { ...ref.spec, template }, null, actor, new Date());
    const done = await this.starts.startNow(ref, (state) => decideNow(state, run, refusal, actor), run.id, claim);
    if ('changedRunIds' in done) {
      this.wakeups.notify(`events:${workspace.id}`, ...done.changedRunIds.flatMap(runTopics), ...hostTopics(done.hostIds));
      void this.queues.wakePlacement(workspace.id);
    }
    const id = 'changedRunIds' in done ? run.id : done.resourceId;
    const started = await this.runs.get(workspace.id, id);
    if (!started) throw new BerthError('not-found', `The run ${id} was deleted.`);
    return started;
  }
}

function decideNow(
  { spec, nextAt, active }: StartState,
  run: DecidedStart['run'],
  refusal: BerthError | null,
  actor: string,
): DecidedStart {
  const { overlap = SCHEDULE_DEFAULTS.overlap, timeZone = SCHEDULE_DEFAULTS.timeZone } = spec;
  const newest = newestOf(active);
  if (overlap === 'forbid' && newest) {
    throw new BerthError('conflict', `Not now: ${stillThere(newest, timeZone)}, and the schedule forbids another one beside it.`);
  }
  const replace = overlap === 'replace' ? active.filter(({ ending }) => !ending).map(({ id }) => id) : [];
  if (refusal && !isHeldByOne(refusal, replace)) throw refusal;
  return {
    outcome: 'started',
    scheduledAt: null,
    message: 'started now, because it was asked for',
    run,
    replace,
    missed: 0,
    nextAt,
    actor,
  };
}
