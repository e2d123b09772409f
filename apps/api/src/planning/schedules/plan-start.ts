/**
 * What a schedule does when a time of its cron has come. Pure (law L2).
 *
 * Invariants, held by property tests:
 * - a time has one outcome, and none twice: what is planned from the next time on begins after now;
 * - of times that have passed only the last one is started, and only within its deadline;
 * - `forbid` starts nothing beside a run that is there, `replace` leaves none beside the new one.
 */
import type { Overlap, StartOutcome } from '@berth/shared/model/schedule';
import type { NextAfter } from './cron-times.ts';
import { countBetween, lastUntil } from './last-until.ts';
import { clockTime, exactTime } from './time-words.ts';

/** Times that passed are counted up to here. */
export const MOST_COUNTED = 100;

/** A run of the schedule that has not ended. */
export interface ActiveRun {
  id: string;
  /** Null: somebody asked for it then. */
  scheduledAt: Date | null;
  createdAt: Date;
  /** Its end was asked for. */
  ending: boolean;
}

export interface StartInput {
  now: Date;
  nextAt: Date;
  after: NextAfter;
  timeZone: string;
  overlap: Overlap;
  startingDeadlineSeconds: number;
  active: readonly ActiveRun[];
}

/** `refused` is not the planner's to say: the run is admitted where it is carried out. */
export type PlannedOutcome = Exclude<StartOutcome['outcome'], 'refused'>;

export interface StartPlan {
  /** The time that this is about. */
  scheduledAt: Date;
  outcome: PlannedOutcome;
  /** Runs that are stopped for it. */
  replace: string[];
  /** Times that are over without a start, the one above not counted. */
  missed: number;
  nextAt: Date | null;
  message: string;
}

/** Null: nothing is due. */
export function planStart(input: StartInput): StartPlan | null {
  const { now, nextAt, after, timeZone, startingDeadlineSeconds } = input;
  if (nextAt.getTime() > now.getTime()) return null;
  const scheduledAt = lastUntil(after, nextAt, now);
  const missed = countBetween(after, nextAt, scheduledAt, MOST_COUNTED);
  const following = after(now);
  const rest = { scheduledAt, missed, nextAt: following };
  const lateSeconds = (now.getTime() - scheduledAt.getTime()) / 1000;
  if (lateSeconds > startingDeadlineSeconds) {
    const message = `the start of ${exactTime(scheduledAt, timeZone)} was missed: nothing was up until ${Math.round(lateSeconds)} s later, and it could wait ${startingDeadlineSeconds} s${before(missed)}`;
    return { ...rest, outcome: 'missed', replace: [], message };
  }
  const decided = overlapping(input, scheduledAt);
  return { ...rest, ...decided, message: `${decided.message}${before(missed)}` };
}

const before = (missed: number) => {
  if (missed === 0) return '';
  return `; ${missed >= MOST_COUNTED ? `${MOST_COUNTED} or more` : missed} before it ${missed === 1 ? 'was' : 'were'} missed`;
};

function overlapping({ overlap, active, timeZone }: StartInput, scheduledAt: Date): Pick<StartPlan, 'outcome' | 'replace' | 'message'> {
  const at = clockTime(scheduledAt, timeZone);
  const newest = newestOf(active);
  if (overlap === 'forbid' && newest) {
    return { outcome: 'skipped', replace: [], message: `the start of ${at} was left out: ${stillThere(newest, timeZone)}` };
  }
  const replace = overlap === 'replace' ? active.filter(({ ending }) => !ending).map(({ id }) => id) : [];
  const instead = replace.length === 0 || !newest ? '' : ` in the place of ${runOf(newest, timeZone)}`;
  return { outcome: 'started', replace: replace.sort(), message: `started for ${at}${instead}` };
}

/** The newest; of two that are as new, the one with the higher id, so that the order that they come in says nothing. */
function newestOf(active: readonly ActiveRun[]): ActiveRun | undefined {
  return [...active].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.id < b.id ? 1 : -1))[0];
}

const runOf = ({ scheduledAt, createdAt }: ActiveRun, timeZone: string) => `the run of ${clockTime(scheduledAt ?? createdAt, timeZone)}`;

/** "the run of 11:55 is still running". */
export const stillThere = (run: ActiveRun, timeZone: string): string =>
  `${runOf(run, timeZone)} ${run.ending ? 'is being stopped' : 'is still there'}`;

export { newestOf };
