import { MOST_ENTRIES } from '@berth/shared/protocol/call';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedList } from './bounded-list.ts';

const size = (list: readonly unknown[]) => Buffer.byteLength(JSON.stringify(list));

test('is the longest beginning that fits, in bytes as they are sent', () => {
  const rows = fc.array(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 3 }), { maxLength: 30 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 0, max: 800 }), (all, most) => {
      const told = boundedList(all, most);
      expect(told).toEqual(all.slice(0, told.length));
      // An empty list has its brackets all the same; of others the commas are one fewer than the entries.
      expect(size(told)).toBeLessThanOrEqual(most + 2);
      if (told.length < all.length) expect(size(all.slice(0, told.length + 1))).toBeGreaterThan(most);
    }),
  );
});

test('has no more than so many entries', () => {
  expect(boundedList(Array.from({ length: MOST_ENTRIES + 1 }, () => ({})))).toHaveLength(MOST_ENTRIES);
});
