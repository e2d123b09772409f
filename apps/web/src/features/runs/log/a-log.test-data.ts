/** Logs for tests: pieces of both streams behind each other, and what a server gives of a range of them. */
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';
import type { LogOutline } from '@berth/shared/http/logs';
import { type LogPart, linesOf, rangeOf } from './log-part.ts';
import type { WholeLog } from './whole-log.ts';

const AT = '2026-11-23T12:00:00.000Z';

export type Written = { stream: LogStream; text: string } | { stream: LogStream; dropped: number };

export function chunksOf(written: readonly Written[], begin = 0): LogChunk[] {
  let position = begin;
  return written.map((one) => {
    const dropped = 'dropped' in one ? one.dropped : 0;
    const data = new Uint8Array(new TextEncoder().encode('text' in one ? one.text : ''));
    const droppedReason = dropped > 0 ? 'lost' : null;
    const chunk: LogChunk = { position, attempt: 1, stream: one.stream, at: AT, data, dropped, droppedReason };
    position += data.length + dropped;
    return chunk;
  });
}

export const endOf = (chunks: readonly LogChunk[]): number => {
  const last = chunks.at(-1);
  return last ? last.position + last.data.length + last.dropped : 0;
};

/** As the api cuts them. */
export function between(chunks: readonly LogChunk[], after: number, before: number): LogChunk[] {
  return chunks.flatMap((chunk) => {
    const length = chunk.data.length + chunk.dropped;
    const [skip, most] = [Math.max(0, after - chunk.position), Math.min(length, before - chunk.position)];
    if (most <= skip) return [];
    const gap = chunk.dropped > 0;
    return [
      {
        ...chunk,
        position: chunk.position + skip,
        data: gap ? chunk.data : chunk.data.subarray(skip, most),
        dropped: gap ? most - skip : 0,
      },
    ];
  });
}

/** A part begins at the first chunk in every step, as the api has it. */
export function outlineOf(chunks: readonly LogChunk[], step: number): LogOutline {
  const parts = new Map<number, LogOutline['parts'][number]>();
  for (const { position, stream, data, dropped } of chunks) {
    const index = Math.floor(position / step);
    const part = parts.get(index) ?? { position, lastAt: AT, stdout: 0, stderr: 0, dropped: 0 };
    part[stream] = (part[stream] ?? 0) + data.filter((byte) => byte === 10).length;
    part.dropped += dropped;
    parts.set(index, part);
  }
  return { parts: [...parts.values()], step, bytes: endOf(chunks), complete: true };
}

/** Reads a part as the panel does. */
export function read(log: WholeLog, part: LogPart, chunks: readonly LogChunk[]): void {
  const { after, before } = rangeOf(part);
  const wanted = between(chunks, after, before).filter(({ stream }) => log.filter === 'all' || stream === log.filter);
  log.hold(part, linesOf(part, wanted));
}
