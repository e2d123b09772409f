import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dropped, packSegment, type StoredPiece, unpackSegment } from './segment.ts';

const pieces = fc
  .array(
    fc.record({
      stream: fc.constantFrom('stdout' as const, 'stderr' as const),
      attempt: fc.integer({ min: 1, max: 3 }),
      at: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
      bytes: fc.uint8Array({ maxLength: 60 }),
      lost: fc.constantFrom(0, 0, 0, 7),
    }),
    { maxLength: 30 },
  )
  .map((list) => {
    let position = 1000;
    const offsets = { stdout: 5, stderr: 9 };
    return list.map(({ stream, attempt, at, bytes, lost }): StoredPiece => {
      const data = lost > 0 ? new Uint8Array(0) : new Uint8Array(bytes);
      const piece = {
        position,
        attempt,
        stream,
        streamOffset: offsets[stream],
        at,
        dropped: lost,
        droppedReason: lost > 0 ? 'rotated “away”' : null,
        data,
      };
      position += data.length + lost;
      offsets[stream] += data.length + lost;
      return piece;
    });
  });

test('what is unpacked is what was packed', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, async (list) => {
      expect(await unpackSegment(await packSegment(list))).toEqual(list);
    }),
  );
});

test('what was damaged is refused', async () => {
  const packed = await packSegment([
    {
      position: 0,
      attempt: 1,
      stream: 'stdout',
      streamOffset: 0,
      at: new Date(0),
      dropped: 0,
      droppedReason: null,
      data: new Uint8Array(5000).fill(7),
    },
  ]);
  packed[packed.length - 1] = (packed[packed.length - 1] ?? 0) ^ 1;
  await expect(unpackSegment(packed)).rejects.toThrow();
});

test('what is removed stands for as many bytes of each stream as there were, in the same place', () => {
  fc.assert(
    fc.property(pieces, (list) => {
      const told = dropped(list, 'too old');
      const bytes = (of: readonly StoredPiece[], stream?: string) =>
        of
          .filter((piece) => stream === undefined || piece.stream === stream)
          .reduce((sum, piece) => sum + piece.data.length + piece.dropped, 0);
      for (const stream of ['stdout', 'stderr']) expect(bytes(told, stream)).toBe(bytes(list, stream));
      let position = list[0]?.position;
      for (const piece of told) {
        expect(piece.position).toBe(position);
        position = piece.position + piece.dropped;
      }
    }),
  );
});
