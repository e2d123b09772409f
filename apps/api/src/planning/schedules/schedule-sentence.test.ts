import type { StartOutcome } from '@berth/shared/model/schedule';
import { expect, it } from 'vitest';
import { type ScheduleSituation, scheduleSentence } from './schedule-sentence.ts';

const sentence = (change: Partial<ScheduleSituation>) =>
  scheduleSentence({
    paused: false,
    pausedBy: null,
    nextAt: new Date('2026-11-26T11:00:05Z'),
    timeZone: 'Europe/Berlin',
    outcomes: [],
    ...change,
  });
const outcome = (change: Partial<StartOutcome>): StartOutcome => ({
  scheduledAt: null,
  at: '2026-11-26T10:00:00.000Z',
  outcome: 'started',
  runId: null,
  message: 'started for 11:00',
  ...change,
});

it('a schedule says what it does next, and why', () => {
  expect(sentence({})).toBe('next on Thu 2026-11-26 12:00:05 Europe/Berlin');
  expect(sentence({ outcomes: [outcome({})] })).toBe('next on Thu 2026-11-26 12:00:05 Europe/Berlin');
  expect(sentence({ outcomes: [outcome({ outcome: 'skipped', message: 'the start of 11:00 was left out' })] })).toBe(
    'next on Thu 2026-11-26 12:00:05 Europe/Berlin; the start of 11:00 was left out',
  );
  expect(sentence({ paused: true, nextAt: null, pausedBy: 'user:ada@example.com' })).toBe(
    'paused by ada@example.com: it starts nothing by itself until it is resumed',
  );
  expect(sentence({ nextAt: null })).toBe('its cron names no more times');
});
