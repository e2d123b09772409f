import type { Sample } from '@berth/shared/model/sample';
import { expect, it } from 'vitest';
import { columnsOf, joined, sparkline } from './series.ts';

const sample = (second: number, cpuMillis = 1): Sample => ({
  at: new Date(second * 1000).toISOString(),
  cpuMillis,
  memoryBytes: 0,
  receivedBytes: 0,
  sentBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
  pids: 1,
});

it('no line is drawn over a time of which nothing is known', () => {
  expect(columnsOf([sample(10, 1), sample(20, 2), sample(100, 3)], [(s) => s.cpuMillis], 30)).toEqual([
    [10, 20, 35, 100],
    [1, 2, null, 3],
  ]);
});

it('what came live follows the history, once', () => {
  expect(joined([sample(10), sample(20)], [sample(19), sample(20), sample(21)]).map(({ at }) => Date.parse(at) / 1000)).toEqual([
    10, 20, 21,
  ]);
});

it('a sparkline fills its box, and a quiet one lies at its bottom', () => {
  expect(sparkline([0, 10], 20, 11, 0)).toBe('0.0,10.5 20.0,0.5');
  expect(sparkline([0, 0], 20, 11, 100)).toBe('0.0,10.5 20.0,10.5');
});
