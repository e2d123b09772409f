/** What people change of a schedule that exists. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Schedule, ScheduleSpec, UpdateSchedule } from '@berth/shared/model/schedule';
import { Injectable } from '@nestjs/common';
import { type DecidedChange, type ScheduleChange, type ScheduleNow, ScheduleRepository } from '../persistence/schedule-repository.ts';
import { exactTime } from '../planning/schedules/time-words.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { Admission } from './admission.ts';
import { cronOf } from './cron-of.ts';

@Injectable()
export class ChangeScheduleCommand {
  constructor(
    private readonly schedules: ScheduleRepository,
    private readonly admission: Admission,
    private readonly wakeups: Wakeups,
  ) {}

  async update(change: ScheduleChange, { metadata, spec }: UpdateSchedule): Promise<Schedule> {
    if (spec) {
      cronOf(spec, new Date());
      await this.admission.admit(change.workspaceId, spec.template.spec, 'spec.template.spec');
    }
    return this.changed(change, (now) => changedTo(now, spec ?? now.spec, metadata?.labels ?? now.labels));
  }

  /** Asking again changes nothing. */
  async pause(change: ScheduleChange, paused: boolean): Promise<Schedule> {
    return this.changed(change, (now) => {
      if ((now.spec.paused === true) === paused) return null;
      const { paused: _before, ...spec } = now.spec;
      return changedTo(now, paused ? { ...spec, paused } : spec, now.labels);
    });
  }

  async remove(change: ScheduleChange): Promise<void> {
    await this.schedules.remove(change);
    this.wakeups.notify(`events:${change.workspaceId}`);
  }

  private async changed(change: ScheduleChange, decide: (now: ScheduleNow) => DecidedChange | null): Promise<Schedule> {
    if (await this.schedules.change(change, decide)) this.wakeups.notify(`events:${change.workspaceId}`);
    const schedule = await this.schedules.get(change.workspaceId, change.scheduleId);
    if (!schedule) throw new BerthError('not-found', `There is no schedule ${change.scheduleId}.`);
    return schedule;
  }
}

/** A time that has been started for does not come again, whatever the clock of the database says. */
function changedTo(now: ScheduleNow, spec: ScheduleSpec, labels: DecidedChange['labels']): DecidedChange {
  const paused = spec.paused === true;
  const wasPaused = now.spec.paused === true;
  const { after, timeZone } = cronOf(spec, now.now);
  const from = now.lastAt && now.lastAt > now.now ? now.lastAt : now.now;
  const isSameTimes = spec.cron === now.spec.cron && spec.timeZone === now.spec.timeZone && !wasPaused;
  const nextAt = paused ? null : isSameTimes ? now.nextAt : after(from);
  if (paused !== wasPaused && paused) return { labels, spec, nextAt, change: 'paused', message: 'paused: it starts nothing by itself' };
  const next = nextAt === null ? '' : `: next on ${exactTime(nextAt, timeZone)}`;
  if (paused !== wasPaused) return { labels, spec, nextAt, change: 'resumed', message: `resumed${next}` };
  return { labels, spec, nextAt, change: 'updated', message: `changed${next}` };
}
