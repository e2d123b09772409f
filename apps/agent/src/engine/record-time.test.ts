import { expect, it } from 'vitest';
import { inSeconds, millisecondsOf, readRecordTime, recordTimeAt, shifted } from './record-time.ts';

it('keeps the nanoseconds of what an engine writes, whatever it leaves out', () => {
  expect(readRecordTime('2026-11-26T12:00:00.123456789Z')).toBe('2026-11-26T12:00:00.123456789Z');
  expect(readRecordTime('2026-11-26T12:00:00.12Z')).toBe('2026-11-26T12:00:00.120000000Z');
  expect(readRecordTime('2026-11-26T13:30:00.000000001+01:30')).toBe('2026-11-26T12:00:00.000000001Z');
  expect(readRecordTime('2026-11-26T12:00:00Z')).toBe('2026-11-26T12:00:00.000000000Z');
  expect(() => readRecordTime('GET')).toThrow('unknown time');
});

it('is a time of the clock, and a place in a query', () => {
  const time = '2026-11-26T12:00:00.123456789Z';
  expect(recordTimeAt(millisecondsOf(time))).toBe('2026-11-26T12:00:00.123000000Z');
  expect(shifted(time, -2000)).toBe('2026-11-26T11:59:58.123456789Z');
  expect(inSeconds(time)).toBe(`${Date.parse('2026-11-26T12:00:00Z') / 1000}.123456789`);
});
