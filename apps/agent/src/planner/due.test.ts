import { expect, it } from 'vitest';
import { doubtIsToCome, RETRY_MS, restartIsToCome, retryIsToCome } from './due.ts';

const NOW = 1_000_000_000;
const HOUR = 3_600_000;

it('waits for a time that is to come, and for none that a clock which was set back has left behind', () => {
  expect(retryIsToCome(NOW + RETRY_MS.most, NOW)).toBe(true);
  expect(retryIsToCome(NOW, NOW)).toBe(false);
  expect(retryIsToCome(null, NOW)).toBe(false);
  expect(retryIsToCome(NOW + HOUR, NOW)).toBe(false);
  expect(restartIsToCome(NOW + 300_000 * 1.1, NOW)).toBe(true);
  expect(restartIsToCome(NOW + HOUR, NOW)).toBe(false);
  expect(doubtIsToCome(NOW + 5000, NOW)).toBe(true);
  expect(doubtIsToCome(NOW + HOUR, NOW)).toBe(false);
});
