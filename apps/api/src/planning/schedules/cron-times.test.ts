import { describe, expect, it } from 'vitest';
import { type NextAfter, readCron } from './cron-times.ts';

function times(cron: string, from: string, count: number, timeZone?: string): string[] {
  const read = readCron(cron, timeZone);
  if (!read.ok) throw new Error(read.message);
  return list(read.after, from, count);
}

function list(after: NextAfter, from: string, count: number): string[] {
  const found: string[] = [];
  for (let at = after(new Date(from)); at !== null && found.length < count; at = after(at)) found.push(at.toISOString());
  return found;
}

describe('the times of a cron', () => {
  it('come after the date that is given, never at it', () => {
    expect(times('* * * * *', '2026-11-26T12:00:00Z', 2)).toEqual(['2026-11-26T12:01:00.000Z', '2026-11-26T12:02:00.000Z']);
    expect(times('* * * * * *', '2026-11-26T12:00:00.400Z', 1)).toEqual(['2026-11-26T12:00:01.000Z']);
    expect(times('@daily', '2026-11-26T12:00:00Z', 1)).toEqual(['2026-11-27T00:00:00.000Z']);
  });

  it('are those of the time zone', () => {
    expect(times('0 9 * * mon-fri', '2026-11-27T09:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-11-30T08:00:00.000Z',
      '2026-12-01T08:00:00.000Z',
    ]);
  });

  it('are put right after the hour that Berlin leaves out in spring', () => {
    expect(times('30 2 * * *', '2026-03-28T00:00:00Z', 3, 'Europe/Berlin')).toEqual([
      '2026-03-28T01:30:00.000Z',
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ]);
  });

  it('come once in the hour that Berlin has twice in autumn where they are times of a day, and twice where they are intervals', () => {
    expect(times('30 2 * * *', '2026-10-24T12:00:00Z', 2, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ]);
    expect(times('0 * * * *', '2026-10-24T23:30:00Z', 4, 'Europe/Berlin')).toEqual([
      '2026-10-25T00:00:00.000Z',
      '2026-10-25T01:00:00.000Z',
      '2026-10-25T02:00:00.000Z',
      '2026-10-25T03:00:00.000Z',
    ]);
  });

  it('are none for a day that never comes', () => {
    expect(times('0 0 30 2 *', '2026-01-01T00:00:00Z', 1)).toEqual([]);
  });
});

it.each([
  ['61 * * * *', 'cron', /minute: 61/],
  ['* * *', 'cron', /has five fields .* here are 3/],
  ['* * * * * * 2026', 'cron', /here are 7/],
  ['', 'cron', /here are none/],
  ['2026-12-01T10:00:00', 'cron', /here are 1/],
  ['@reboot', 'cron', /"@reboot" is not a name of times/],
  ['a b c d e', 'cron', /illegal characters/],
  ['*/0 * * * *', 'cron', /illegal stepping: 0/],
])('what is no cron is refused in plain words: %s', (cron, path, message) => {
  expect(readCron(cron)).toEqual({ ok: false, path, message: expect.stringMatching(message) });
});

it('what is no time zone is refused', () => {
  const read = readCron('* * * * *', 'Europe/Berlinn');
  expect(read).toEqual({
    ok: false,
    path: 'timeZone',
    message: '"Europe/Berlinn" is not a time zone; write it as "Europe/Berlin", or "UTC"',
  });
});
