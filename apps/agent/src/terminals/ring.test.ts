import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Ring } from './ring.ts';

test('whatever is written and read in whatever pieces: what is held is the end of all, at its own place', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat({ max: 600 }),
      (writes, most, piece, after) => {
        const ring = new Ring(most);
        for (const bytes of writes) ring.add(Buffer.from(bytes));
        const all = Buffer.concat(writes);
        expect(ring.end).toBe(all.length);
        expect(ring.end - ring.start).toBeGreaterThanOrEqual(Math.min(most, all.length));
        expect(ring.end - ring.start).toBeLessThan(most + 20);
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
