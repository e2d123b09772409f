import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countNewlines } from './newlines.ts';

test('counts every newline, whatever the length of the lines is', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(90), fc.nat(200)), { maxLength: 8 }), (parts) => {
      const text = parts.map(([length, times]) => `${'x'.repeat(length)}\n`.repeat(times)).join('');
      expect(countNewlines(new TextEncoder().encode(text))).toBe(text.split('\n').length - 1);
    }),
  );
});
