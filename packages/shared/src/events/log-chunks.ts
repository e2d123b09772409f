/** Pieces of a log by their place. Nothing but types is imported: the console takes it into its first load. */
import type { LogChunk } from './console-socket.ts';

/** What of the chunks lies at the position or after it: bytes that are here already are left out, so that none is taken twice. */
export function chunksFrom(chunks: readonly LogChunk[], position: number): LogChunk[] {
  return chunks.flatMap((chunk) => {
    const skip = position - chunk.position;
    if (skip <= 0) return [chunk];
    if (skip >= chunk.data.length + chunk.dropped) return [];
    const dropped = chunk.dropped > 0 ? chunk.dropped - skip : 0;
    return [{ ...chunk, position, data: chunk.dropped > 0 ? chunk.data : chunk.data.subarray(skip), dropped }];
  });
}
