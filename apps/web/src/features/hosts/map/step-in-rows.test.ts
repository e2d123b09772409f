import { expect, test } from 'vitest';
import { stepInRows } from './step-in-rows.ts';

const rows = [['a', 'b', 'c'], ['d'], ['e', 'f', 'g']].map((row) => row.map((id) => ({ id })));

test.each<[string, string, boolean, string | null]>([
  ['b', 'ArrowRight', false, 'c'],
  ['c', 'ArrowRight', false, 'd'],
  ['d', 'ArrowLeft', false, 'c'],
  ['c', 'ArrowDown', false, 'd'],
  ['f', 'ArrowUp', false, 'd'],
  ['a', 'ArrowUp', false, null],
  ['g', 'ArrowRight', false, null],
  ['b', 'Home', false, 'a'],
  ['b', 'End', false, 'c'],
  ['b', 'Home', true, 'a'],
  ['b', 'End', true, 'g'],
  ['b', 'PageDown', false, 'f'],
  ['f', 'PageUp', false, 'b'],
  ['b', 'x', false, null],
  ['gone', 'ArrowDown', false, null],
])('from %s, %s (ctrl: %s) leads to %s', (from, key, ctrl, to) => {
  expect(stepInRows(rows, from, key, ctrl)).toBe(to);
});
