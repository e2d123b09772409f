/** Pieces of a log → its lines, each with its place. Pure (law L2). */
import type { LogChunk, LogStream } from '@berth/shared/events/console-socket';

export interface LogLine {
  /** Place of its first byte in the merged log, and the place behind the piece that ended it. */
  position: number;
  next: number;
  attempt: number;
  stream: LogStream;
  /** When its first piece was read. */
  at: string;
  /** Without its newline. */
  data: Buffer;
  /** False: the stream ended, was interrupted, or the line was cut at MAX_LINE_BYTES. */
  ended: boolean;
}

/** One that has not ended. */
export type OpenLine = Omit<LogLine, 'ended'>;

/** A line that goes on is cut here, so that a stream without newlines takes no memory. */
export const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 10;

interface Open {
  position: number;
  next: number;
  at: string;
  parts: Uint8Array[];
  length: number;
}

/** Lines of two streams, and of two attempts, are not mixed up however their pieces alternate. */
export class LogLines {
  private readonly open = new Map<string, Open>();

  /** The lines that end in this piece, in their order. A gap ends the line that it is in. */
  take(chunk: LogChunk): LogLine[] {
    const lines: LogLine[] = [];
    if (chunk.dropped > 0) return this.finish(chunk.attempt, chunk.stream);
    for (let from = 0; from < chunk.data.length; ) {
      const newline = chunk.data.indexOf(NEWLINE, from);
      const end = newline < 0 ? chunk.data.length : newline;
      const open = this.openAt(chunk, chunk.position + from);
      const cut = Math.min(end, from + MAX_LINE_BYTES - open.length);
      open.parts.push(chunk.data.subarray(from, cut));
      open.length += cut - from;
      open.next = chunk.position + cut + (newline >= 0 && cut === newline ? 1 : 0);
      const ended = newline >= 0 && cut === newline;
      if (ended || open.length >= MAX_LINE_BYTES) lines.push(this.close(chunk.attempt, chunk.stream, open, ended));
      from = ended ? newline + 1 : cut;
    }
    return lines;
  }

  /** Goes on with these in place of what has not ended so far. */
  resume(lines: readonly OpenLine[]): void {
    this.open.clear();
    for (const { attempt, stream, position, next, at, data } of lines)
      this.open.set(`${attempt} ${stream}`, { position, next, at, parts: [data], length: data.length });
  }

  /** What has not ended, as it is so far. */
  unfinished(): OpenLine[] {
    return [...this.open].map(([key, { position, next, at, parts, length }]) => ({
      ...ofKey(key),
      position,
      next,
      at,
      data: Buffer.concat(parts, length),
    }));
  }

  /** Where that begins. */
  begun(): { attempt: number; stream: LogStream; position: number }[] {
    return [...this.open].map(([key, { position }]) => ({ ...ofKey(key), position }));
  }

  /** What has not ended: of one stream, or of all. */
  finish(attempt?: number, stream?: LogStream): LogLine[] {
    const lines: LogLine[] = [];
    for (const [key, open] of [...this.open]) {
      if (attempt !== undefined && key !== `${attempt} ${stream}`) continue;
      const of = ofKey(key);
      lines.push(this.close(of.attempt, of.stream, open, false));
    }
    return lines.sort((a, b) => a.position - b.position);
  }

  private openAt({ attempt, stream, at }: LogChunk, position: number): Open {
    const key = `${attempt} ${stream}`;
    const known = this.open.get(key);
    if (known) return known;
    const open: Open = { position, next: position, at, parts: [], length: 0 };
    this.open.set(key, open);
    return open;
  }

  private close(attempt: number, stream: LogStream, open: Open, ended: boolean): LogLine {
    this.open.delete(`${attempt} ${stream}`);
    const { position, next, at, parts, length } = open;
    return { position, next, attempt, stream, at, data: Buffer.concat(parts, length), ended };
  }
}

function ofKey(key: string): { attempt: number; stream: LogStream } {
  const [attempt, stream] = key.split(' ');
  return { attempt: Number(attempt), stream: stream === 'stderr' ? 'stderr' : 'stdout' };
}
