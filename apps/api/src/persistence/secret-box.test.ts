import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { open, seal } from './secret-box.ts';

const key = randomBytes(32);

test('what was sealed opens with its key, for its row, and looks like nothing', () => {
  const sealed = seal(key, 'päss', 'ws/reg');
  expect(open(key, sealed, 'ws/reg')).toBe('päss');
  expect(sealed.includes('päss')).toBe(false);
  expect(seal(key, 'päss', 'ws/reg')).not.toEqual(sealed);
});

test('another key, another row, a changed byte and an unknown version do not open', () => {
  const sealed = seal(key, 'secret', 'ws/reg');
  expect(() => open(randomBytes(32), sealed, 'ws/reg')).toThrow();
  expect(() => open(key, sealed, 'other/reg')).toThrow();
  for (const index of [1, 13, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => open(key, changed, 'ws/reg')).toThrow();
  }
  expect(() => open(key, Buffer.from([2, ...sealed.subarray(1)]), 'ws/reg')).toThrow(/version 2/);
});
