/** The times of a spec, or the problem with its field. */
import { BerthError } from '@berth/shared/errors/problem';
import type { ScheduleSpec } from '@berth/shared/model/schedule';
import { type NextAfter, readCron } from '../planning/schedules/cron-times.ts';

/** Throws `invalid-request`: what is no cron, no time zone, or names no time from `now` on. */
export function cronOf({ cron, timeZone }: Pick<ScheduleSpec, 'cron' | 'timeZone'>, now: Date): { after: NextAfter; timeZone: string } {
  const read = readCron(cron, timeZone);
  if (!read.ok) throw invalid(`spec.${read.path}`, read.message);
  if (read.after(now) === null) throw invalid('spec.cron', 'names no time that ever comes, such as 30 February');
  return read;
}

function invalid(path: string, message: string): BerthError {
  return new BerthError('invalid-request', `${path}: ${message}`, { errors: [{ path, message }] });
}
