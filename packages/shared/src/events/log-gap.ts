/** How a reader is told that output is missing. Nothing but types is imported: the console takes it into its first load. */
import type { LogChunk } from './console-socket.ts';

/** `amount`: of the bytes, as the reader writes it. */
export function missingText(
  { stream, dropped, droppedAtLeast }: Pick<LogChunk, 'stream' | 'dropped' | 'droppedAtLeast'>,
  amount: string,
): string {
  if (!droppedAtLeast) return `${amount} of ${stream} are missing here`;
  // A gap has a length of one where nothing of it is known; more where it was joined with others.
  return dropped > 1 ? `${amount} of ${stream} and perhaps more are missing here` : `output of ${stream} may be missing here`;
}
