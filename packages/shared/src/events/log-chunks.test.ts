import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { LogChunk } from './console-socket.ts';
import { chunksFrom } from './log-chunks.ts';

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => new Uint8Array(array));
const pieces = fc.array(fc.oneof(bytes, fc.integer({ min: 1, max: 20 })), { maxLength: 10 });

function chunksOf(parts: readonly (Uint8Array<ArrayBuffer> | number)[]): LogChunk[] {
  let position = 0;
  return parts.map((part) => {
    const dropped = typeof part === 'number' ? part : 0;
    const data = typeof part === 'number' ? new Uint8Array() : part;
    const chunk: LogChunk = { position, attempt: 1, stream: 'stdout', at: '', data, dropped, droppedReason: dropped > 0 ? 'lost' : null };
    position += data.length + dropped;
    return chunk;
  });
}

/** One entry a place of the log: its byte, or that it is missing. */
const places = (chunks: readonly LogChunk[]) =>
  chunks.flatMap(({ position, data, dropped }) => [
    ...Array.from(data, (byte, index) => ({ at: position + index, byte })),
    ...Array.from({ length: dropped }, (_, index) => ({ at: position + index, byte: null })),
  ]);

it('leaves out exactly what lies before the position', () => {
  fc.assert(
    fc.property(pieces, fc.nat(220), (parts, position) => {
      const chunks = chunksOf(parts);
      expect(places(chunksFrom(chunks, position))).toEqual(places(chunks).filter(({ at }) => at >= position));
    }),
  );
});
