/** Schedules start what is due, from what Postgres says now: woken by a timer to the next time, and by the sweep where that was missed. */
import { isDeepStrictEqual } from 'node:util';
import { BerthError } from '@berth/shared/errors/problem';
import { SCHEDULE_DEFAULTS } from '@berth/shared/model/schedule';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { Admission } from '../commands/admission.ts';
import { EndRunCommand } from '../commands/end-run.ts';
import { admissionOf, isHeldByOne, runOfSchedule, type ScheduledAdmission } from '../commands/scheduled-run.ts';
import { actorOf, type DecidedStart, type ScheduleRef, ScheduleStarts, type StartState } from '../persistence/schedule-starts.ts';
import { readCron } from '../planning/schedules/cron-times.ts';
import { planStart } from '../planning/schedules/plan-start.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';
import { WorkQueues } from './work-queues.ts';

const AT_ONCE = 4;
/** The sweep comes once a second; a timer is set for what lies before its next visits. */
const MOST_TIMER_MS = 10_000;
/** Who removed what is no longer kept, in the events of the runs. */
const ACTOR = 'berth';

@Injectable()
export class Schedules implements OnModuleDestroy {
  private readonly log = new Logger('Schedules');
  private timer: NodeJS.Timeout | undefined;
  private starting: Promise<void> | undefined;
  private closing = false;

  constructor(
    private readonly starts: ScheduleStarts,
    private readonly admission: Admission,
    private readonly ends: EndRunCommand,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  onModuleDestroy(): void {
    this.closing = true;
    clearTimeout(this.timer);
  }

  /** Safe to call at any time and from several processes: each time is started once. */
  startDue(): Promise<void> {
    this.starting ??= this.startAll().finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  /** Runs that have ended, beyond those that their schedule keeps: as a user removes them, with log and container. */
  async removeSurplus(): Promise<void> {
    for (const { runId, workspaceId } of await this.starts.surplus()) {
      try {
        await this.ends.delete({ workspaceId, runId, actor: ACTOR }, false);
      } catch (error) {
        // Another process was quicker.
        if (!(error instanceof BerthError && error.code === 'not-found')) throw error;
      }
    }
  }

  private async startAll(): Promise<void> {
    const due = await this.starts.due();
    for (let first = 0; first < due.length && !this.closing; first += AT_ONCE) {
      await Promise.all(due.slice(first, first + AT_ONCE).map((ref) => this.start(ref)));
    }
    const ms = await this.starts.millisecondsToNext();
    if (ms === null || ms > MOST_TIMER_MS || this.closing) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(
      () => {
        this.startDue().catch((error: unknown) => this.log.warn(`cannot start what is due now: ${String(error)}`));
      },
      Math.max(1, Math.ceil(ms)),
    );
  }

  /** What is wrong with one is in nobody else's way; it is looked at again a second later. */
  private async start(ref: ScheduleRef): Promise<void> {
    try {
      const admission = await admissionOf(this.admission, ref, actorOf(ref.name));
      const done = await this.starts.start(ref, (state) => decideStart(ref, state, admission));
      if (!done) return;
      this.wakeups.notify(`events:${ref.workspaceId}`, ...done.changedRunIds.flatMap(runTopics), ...hostTopics(done.hostIds));
      if (done.runId !== null) void this.queues.wakePlacement(ref.workspaceId);
    } catch (error) {
      this.log.warn(`schedule ${ref.id} cannot be started now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

function decideStart(ref: ScheduleRef, { spec, nextAt, now, active }: StartState, admission: ScheduledAdmission): DecidedStart | null {
  // Another template meanwhile: it is looked at again, within a second.
  if (!isDeepStrictEqual(spec.template, ref.spec.template)) return null;
  const { template, refusal } = admission;
  const read = readCron(spec.cron, spec.timeZone);
  // It was read when it was stored: a library that no longer does so must say it, not stand still.
  if (!read.ok) {
    const message = `its cron can no longer be read: ${read.message}`;
    return { outcome: 'refused', scheduledAt: nextAt, message, run: null, replace: [], missed: 0, nextAt: null };
  }
  const { overlap = SCHEDULE_DEFAULTS.overlap, startingDeadlineSeconds = SCHEDULE_DEFAULTS.startingDeadlineSeconds } = spec;
  const plan = nextAt && planStart({ now, nextAt, after: read.after, timeZone: read.timeZone, overlap, startingDeadlineSeconds, active });
  if (!plan) return null;
  if (plan.outcome !== 'started') return { ...plan, run: null };
  if (refusal && !isHeldByOne(refusal, plan.replace)) {
    return {
      ...plan,
      outcome: 'refused',
      replace: [],
      run: null,
      message: `was to be ${plan.message}, and was refused: ${refusal.detail}`,
    };
  }
  return { ...plan, run: runOfSchedule(ref, { ...spec, template }, plan.scheduledAt, actorOf(ref.name), now) };
}
