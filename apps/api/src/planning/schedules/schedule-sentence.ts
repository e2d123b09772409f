/** What a schedule does next, and why (law L6). Pure. */
import { nameOfActor } from '@berth/shared/model/actor';
import type { StartOutcome } from '@berth/shared/model/schedule';
import { exactTime } from './time-words.ts';

export interface ScheduleSituation {
  paused: boolean;
  pausedBy: string | null;
  nextAt: Date | null;
  timeZone: string;
  /** The newest first. */
  outcomes: readonly StartOutcome[];
}

export function scheduleSentence({ paused, pausedBy, nextAt, timeZone, outcomes }: ScheduleSituation): string {
  if (paused) return `paused by ${pausedBy === null ? 'somebody' : nameOfActor(pausedBy)}: it starts nothing by itself until it is resumed`;
  if (nextAt === null) return 'its cron names no more times';
  const next = `next on ${exactTime(nextAt, timeZone)}`;
  const [last] = outcomes;
  return last === undefined || last.outcome === 'started' ? next : `${next}; ${last.message}`;
}
