import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from './ring.ts';

/** Pieces that make it grow, and such as are larger than all of it. */
const large = fc.nat({ max: 20_000 }).map((length) => Uint8Array.from({ length: length + 1 }, (_, at) => (at * 31 + length) % 251));

test('whatever is written and read in whatever pieces: what is held is the end of all, at its own place', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 20 }), large), { maxLength: 10 }),
      fc.oneof(fc.integer({ min: 1, max: 64 }), fc.constant(20_000)),
      fc.integer({ min: 1, max: 5000 }),
      fc.nat({ max: 60_000 }),
      (writes, most, piece, after) => {
        const ring = new Ring(most);
        for (const bytes of writes) ring.add(Buffer.from(bytes));
        const all = Buffer.concat(writes);
        expect(ring.end).toBe(all.length);
        expect(ring.end - ring.start).toBe(Math.min(most, all.length));
        let at = after;
        const read: Buffer[] = [];
        for (;;) {
          const { from, data } = ring.read(at, piece);
          expect(data.length).toBeLessThanOrEqual(piece);
          if (data.length === 0) break;
          if (read.length === 0) at = from;
          expect(from).toBe(at);
          read.push(data);
          at += data.length;
        }
        expect(Buffer.concat(read).equals(all.subarray(Math.max(after, ring.start)))).toBe(true);
      },
    ),
  );
});
