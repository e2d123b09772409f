import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeId, idSchema, newId } from './ids.ts';

describe('ids', () => {
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 });

  it('sort by creation time', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), fc.nat(1000), random, random, (at, later, a, b) => {
        expect(encodeId('run', at * 1000, a) < encodeId('run', at * 1000 + later + 1, b)).toBe(true);
      }),
    );
  });

  it('keep their kind apart', () => {
    expect(idSchema('run').safeParse(newId('run')).success).toBe(true);
    expect(idSchema('run').safeParse(newId('host')).success).toBe(false);
    expect(idSchema('run').safeParse('run_').success).toBe(false);
  });

  it('differ where the random part differs', () => {
    fc.assert(
      fc.property(random, random, (a, b) => {
        expect(encodeId('run', 1, a) === encodeId('run', 1, b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
  });
});
