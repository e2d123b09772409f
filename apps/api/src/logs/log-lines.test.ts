import type { LogChunk } from '@berth/shared/events/console-socket';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LogLines } from './log-lines.ts';

const streams = ['stdout', 'stderr'] as const;
const writes = fc.array(
  fc.record({
    stream: fc.constantFrom(...streams),
    text: fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 12 }),
  }),
  { maxLength: 30 },
);

function chunksOf(pieces: readonly { stream: (typeof streams)[number]; text: string }[]): LogChunk[] {
  let position = 0;
  return pieces.map(({ stream, text }) => {
    const data = new Uint8Array(Buffer.from(text));
    const chunk: LogChunk = { position, attempt: 1, stream, at: '2026-01-01T00:00:00.000Z', data, dropped: 0, droppedReason: null };
    position += data.length;
    return chunk;
  });
}

it('gives the lines of each stream, whatever its pieces are, each with the place of its first byte', () => {
  fc.assert(
    fc.property(writes, (pieces) => {
      const lines = new LogLines();
      const found = [...chunksOf(pieces).flatMap((chunk) => lines.take(chunk)), ...lines.finish()];
      for (const stream of streams) {
        const written = pieces.filter((piece) => piece.stream === stream).map(({ text }) => text);
        const own = found.filter((line) => line.stream === stream);
        expect(own.map(({ data, ended }) => data.toString() + (ended ? '\n' : '')).join('')).toBe(written.join(''));
        expect(own.every(({ data }) => !data.includes(10))).toBe(true);
        expect(own.map(({ position }) => position)).toEqual([...own.map(({ position }) => position)].sort((a, b) => a - b));
      }
      expect(lines.finish()).toEqual([]);
    }),
  );
});

it('a gap ends the line that it is in, and a line without an end is cut', () => {
  const lines = new LogLines();
  const at = '2026-01-01T00:00:00.000Z';
  const piece = { attempt: 1, stream: 'stdout' as const, at, dropped: 0, droppedReason: null };
  expect(lines.take({ ...piece, position: 0, data: new Uint8Array(Buffer.from('half')) })).toEqual([]);
  expect(lines.begun()).toEqual([{ attempt: 1, stream: 'stdout', position: 0 }]);
  expect(lines.take({ ...piece, position: 4, data: new Uint8Array(), dropped: 10, droppedReason: 'x' })).toMatchObject([
    { position: 0, ended: false },
  ]);
  const cut = lines.take({ ...piece, position: 14, data: new Uint8Array(3 * 1024 * 1024).fill(97) });
  expect(cut.map(({ position, data }) => [position, data.length])).toEqual([0, 1, 2].map((n) => [14 + n * 1048576, 1048576]));
});
