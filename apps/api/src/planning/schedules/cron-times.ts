/**
 * The times that a cron names. The library computes them from the date that it is given: it is given no function, so it sets no timer, and
 * asks no clock (law L2).
 */
import { SCHEDULE_DEFAULTS } from '@berth/shared/model/schedule';
import { Cron } from 'croner';

/** The first time after a date; null: there is none. */
export type NextAfter = (at: Date) => Date | null;

export type CronReading = { ok: true; after: NextAfter; timeZone: string } | { ok: false; path: 'cron' | 'timeZone'; message: string };

const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

/**
 * Five fields, or six with seconds first. What a change of the clocks leaves out is started right after it; what it repeats is started
 * once where the cron names a time of day, and twice where it names an interval.
 */
export function readCron(cron: string, timeZone: string = SCHEDULE_DEFAULTS.timeZone): CronReading {
  if (!isTimeZone(timeZone)) {
    return { ok: false, path: 'timeZone', message: `"${timeZone}" is not a time zone; write it as "Europe/Berlin", or "UTC"` };
  }
  const text = cron.trim();
  if (text.startsWith('@') && !NICKNAMES.includes(text.toLowerCase())) {
    return refused(`"${text}" is not a name of times; the names are ${NICKNAMES.join(', ')}`);
  }
  const fields = text.split(/\s+/).length;
  if (!text.startsWith('@') && fields !== 5 && fields !== 6) {
    const count = text === '' ? 'none' : String(fields);
    return refused(
      `has five fields (minute, hour, day of the month, month, day of the week), or six with seconds first; here are ${count}`,
    );
  }
  try {
    const times = new Cron(text, { timezone: timeZone, paused: true });
    return { ok: true, after: (at) => times.nextRun(at), timeZone };
  } catch (error) {
    return refused(inPlainWords(error instanceof Error ? error.message : String(error)));
  }
}

const refused = (message: string): CronReading => ({ ok: false, path: 'cron', message });

/** "CronPattern: Invalid value for minute: 61" → "Invalid value for minute: 61". */
const inPlainWords = (message: string) => message.replace(/^Cron\w+: /, '').replace(/^./, (first) => first.toLowerCase());

function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
