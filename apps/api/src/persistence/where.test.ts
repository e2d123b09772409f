import { expect, test } from 'vitest';
import { Where } from './where.ts';

test('conditions are numbered in order, and values never become text', () => {
  const where = new Where().and('a = ?', 1).and('b BETWEEN ? AND ?', 2, 3);
  expect(where.text).toBe('a = $1 AND b BETWEEN $2 AND $3');
  expect(where.values).toEqual([1, 2, 3]);
});

test('a part of a text is taken as it is written: signs of the pattern language stand for themselves', () => {
  expect(new Where().contains('name', '50%_\\').values).toEqual(['%50\\%\\_\\\\%']);
});

test('labels are asked for by key, or by key and value', () => {
  const where = new Where().labels('labels', ['team', 'tier=web=1']);
  expect(where.text).toBe('labels ? $1 AND labels @> $2::jsonb');
  expect(where.values).toEqual(['team', '{"tier":"web=1"}']);
});
