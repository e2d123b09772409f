/** Parts of a log, each read by itself when it is looked at. Pure. */
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import type { LogOutline } from '@berth/shared/http/logs';
import { AHEAD, BACK, LineSplitter, type LogLine } from './line-splitter.ts';

export type Filter = 'all' | LogStream;

export interface LogPart {
  /** Its lines begin in here. */
  readonly from: number;
  readonly to: number;
  /** Bytes of it that are missing. */
  readonly dropped: number;
  /** Lines of each stream by the outline, not always whole numbers; null for not counted. */
  readonly counted: Readonly<Record<LogStream, number | null>>;
  /** How many rows there are, once that was seen. */
  rows: Partial<Record<Filter, number>>;
  /** Those of the present filter; null while they are not held. */
  lines: readonly LogLine[] | null;
}

const PART_BYTES = 512 * 1024;
const LEAST_BYTES = Math.max(BACK, AHEAD);
const PART_LINES = 4000;

/** The outline as parts of a size that is read at once. What is in each is guessed where it is finer than the outline. */
export function partsOf({ parts, bytes }: LogOutline): LogPart[] {
  return parts.flatMap((part, index) => {
    const end = parts[index + 1]?.position ?? bytes;
    const size = end - part.position;
    const lines = (part.stdout ?? 0) + (part.stderr ?? 0);
    const wanted = Math.ceil(Math.max(size / PART_BYTES, lines / PART_LINES));
    const count = part.dropped > 0 ? 1 : Math.max(1, Math.min(wanted, Math.floor(size / LEAST_BYTES)));
    const place = (number: number) => part.position + Math.floor((size * number) / count);
    const share = (whole: number | null) => (whole === null ? null : whole / count);
    return Array.from({ length: count }, (_, number) => ({
      from: place(number),
      to: place(number + 1),
      dropped: part.dropped,
      counted: { stdout: share(part.stdout), stderr: share(part.stderr) },
      rows: {},
      lines: null,
    }));
  });
}

/** The live end begins at the last place of the outline that has so many bytes behind it, about; what is before it are the parts. */
export function splitEnd(outline: LogOutline, bytes: number): { parts: LogPart[]; start: number } {
  const start = outline.parts.find(({ position }) => position >= outline.bytes - bytes)?.position ?? outline.parts.at(-1)?.position ?? 0;
  return { parts: partsOf(outline).filter(({ from }) => from < start), start };
}

/** Which bytes are to be read for a part. */
export function rangeOf({ from, to }: Pick<LogPart, 'from' | 'to'>): { after: number; before: number } {
  return { after: Math.max(0, from - BACK), before: to + AHEAD };
}

/** The lines of a part from the bytes of its range. */
export function linesOf({ from, to }: Pick<LogPart, 'from' | 'to'>, chunks: readonly LogChunk[]): LogLine[] {
  const lines: LogLine[] = [];
  const splitter = new LineSplitter(from, to, (line) => lines.push(line));
  for (const chunk of chunks) splitter.take(chunk);
  splitter.finish();
  return lines;
}
