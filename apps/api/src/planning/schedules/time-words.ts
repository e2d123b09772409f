/** Times in sentences, in the zone of their schedule. */

const parts = (at: Date, timeZone: string): Record<string, string> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      day: '2-digit',
      month: '2-digit',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );

/** "12:00", or "12:00:05" where it is not on the minute. */
export function clockTime(at: Date, timeZone: string): string {
  const { hour, minute, second } = parts(at, timeZone);
  return second === '00' ? `${hour}:${minute}` : `${hour}:${minute}:${second}`;
}

/** "Thu 2026-11-26 12:00 Europe/Berlin": an absolute time, so that a sentence is written once and stays true. */
export function exactTime(at: Date, timeZone: string): string {
  const { weekday, year, month, day } = parts(at, timeZone);
  return `${weekday} ${year}-${month}-${day} ${clockTime(at, timeZone)} ${timeZone}`;
}
