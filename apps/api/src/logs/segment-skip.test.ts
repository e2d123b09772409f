import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SegmentSkip } from './segment-skip.ts';

test('a text is found in the part in which it ends, whatever parts and streams are between', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
  fc.assert(
    fc.property(
      fc.array(fc.record({ stdout: letters, stderr: letters }), { maxLength: 8 }),
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 5 }),
      (parts, text) => {
        const skip = new SegmentSkip(text);
        const whole = { stdout: '', stderr: '' };
        for (const part of parts) {
          const ends = (stream: 'stdout' | 'stderr') => {
            const from = Math.max(0, whole[stream].length - text.length + 1);
            whole[stream] += part[stream];
            return whole[stream].slice(from).includes(text);
          };
          const expected = [ends('stdout'), ends('stderr')].includes(true);
          expect(skip.isIn({ stdout: Buffer.from(part.stdout), stderr: Buffer.from(part.stderr) })).toBe(expected);
        }
      },
    ),
    { numRuns: 1000 },
  );
});
