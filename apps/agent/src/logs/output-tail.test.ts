import { TAIL_BYTES } from '@berth/shared/protocol/agent';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OutputTail } from './output-tail.ts';

it('is the last bytes of a stream, however they came', () => {
  const size = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 3 * TAIL_BYTES }));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 30 }), (sizes) => {
      const tail = new OutputTail();
      const written = Buffer.from(Array.from({ length: sizes.reduce((sum, length) => sum + length, 0) }, (_, index) => (index * 31) % 251));
      let from = 0;
      for (const [index, length] of sizes.entries()) {
        tail.append('stdout', written.subarray(from, from + length), index);
        from += length;
      }
      expect(tail.of('stdout').bytes.equals(written.subarray(Math.max(0, written.length - TAIL_BYTES)))).toBe(true);
      expect(tail.of('stdout').at).toBe(sizes.length === 0 ? null : sizes.length - 1);
      expect(tail.of('stderr')).toEqual({ bytes: Buffer.alloc(0), at: null });
    }),
    { numRuns: 50 },
  );
});
