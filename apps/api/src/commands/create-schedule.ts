/** Admission of a schedule: its cron and its template are refused now where it is known now that they cannot be. */
import { BerthError } from '@berth/shared/errors/problem';
import { newId } from '@berth/shared/model/ids';
import type { CreateSchedule, Schedule, ScheduleStarts } from '@berth/shared/model/schedule';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { ScheduleRepository } from '../persistence/schedule-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { Admission } from './admission.ts';
import { cronOf } from './cron-of.ts';

/** Times that a dry run names. */
const SHOWN_STARTS = 5;

@Injectable()
export class CreateScheduleCommand {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly admission: Admission,
    private readonly wakeups: Wakeups,
  ) {}

  async execute(workspace: WorkspaceRef, actor: string, { metadata, spec }: CreateSchedule, claim?: IdempotencyClaim): Promise<Schedule> {
    const now = new Date();
    const { after } = cronOf(spec, now);
    // What its secrets are then is looked up with each start.
    await this.admission.admit(workspace.id, spec.template.spec, 'spec.template.spec');
    const id = newId('schedule', now.getTime());
    const nextAt = spec.paused ? null : after(now);
    const { name, labels = {} } = metadata;
    const earlier = await this.schedules.insert({ id, workspaceId: workspace.id, name, labels, spec, nextAt, actor }, claim);
    if (!earlier) this.wakeups.notify(`events:${workspace.id}`);
    const schedule = await this.schedules.get(workspace.id, earlier?.resourceId ?? id);
    if (!schedule) throw new BerthError('not-found', 'The schedule that this Idempotency-Key made was deleted.');
    return schedule;
  }

  /** When it would start; nothing is stored. */
  startsOf({ spec }: CreateSchedule): ScheduleStarts {
    const now = new Date();
    const { after, timeZone } = cronOf(spec, now);
    const starts: string[] = [];
    for (let at = after(now); at !== null && starts.length < SHOWN_STARTS; at = after(at)) starts.push(at.toISOString());
    return { timeZone, starts };
  }
}
