import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blockOf, isWhole, pack, textOf, unpack } from './packed.ts';

describe('pieces of bytes in one block', () => {
  const pieces = fc.array(fc.record({ name: fc.string(), data: fc.uint8Array({ maxLength: 50 }) }));

  it('come out as they went in, also from the ArrayBuffer of a browser, and as text', () => {
    fc.assert(
      fc.property(pieces, (given) => {
        const { heads, data } = pack(given);
        expect(isWhole(heads, data)).toBe(true);
        expect(unpack(heads, data)).toEqual(given);
        expect(unpack(heads, new Uint8Array(data).buffer)).toEqual(given);
        expect(isWhole(heads, textOf(data))).toBe(true);
        expect(unpack(heads, blockOf(textOf(data)))).toEqual(given);
      }),
    );
  });

  it('a block that is cut short or too long is told', () => {
    const { heads, data } = pack([{ data: new Uint8Array(3) }, { data: new Uint8Array(2) }]);
    expect(isWhole(heads, data.subarray(1))).toBe(false);
    expect(isWhole(heads, new Uint8Array(6))).toBe(false);
    for (const length of [4, 6]) expect(isWhole(heads, textOf(new Uint8Array(length)))).toBe(false);
  });
});
