/** The first entries of a list, as many as an answer takes. Names and command lines are the container's own: it makes them as long as it likes. */
import { LIST_BYTES, MOST_ENTRIES } from '@berth/shared/protocol/call';

export function boundedList<T extends object>(all: readonly T[], mostBytes = LIST_BYTES): T[] {
  const told: T[] = [];
  let bytes = 0;
  for (const entry of all.slice(0, MOST_ENTRIES)) {
    // The comma counts.
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1;
    if (bytes > mostBytes) break;
    told.push(entry);
  }
  return told;
}
