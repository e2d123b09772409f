/** The log of a run as a response: its very bytes, or NDJSON with a cursor on every line. */
import type { LogChunk } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import { type LogPage, LogRepository } from '../persistence/log-repository.ts';
import { type FollowLog, LogStream } from '../realtime/log-stream.ts';

const PAGE_BYTES = 256 * 1024;

@Injectable()
export class RunLog {
  constructor(
    private readonly logs: LogRepository,
    private readonly stream: LogStream,
  ) {}

  async *read(what: FollowLog, follow: boolean, format: 'text' | 'ndjson', signal: AbortSignal): AsyncGenerator<string | Uint8Array> {
    for await (const page of follow ? this.stream.follow(what, signal) : this.stored(what)) {
      for (const chunk of page.chunks) yield format === 'text' ? toText(chunk) : toLine(chunk);
    }
  }

  /** What is there now. */
  private async *stored({ workspaceId, runId, after, stream }: FollowLog): AsyncGenerator<LogPage> {
    for (let position = after; ; ) {
      const page = await this.logs.read(workspaceId, runId, position, PAGE_BYTES, stream);
      yield page;
      if (page.next <= position) return;
      position = page.next;
    }
  }
}

/** Bytes that are missing are said where they are missing (law L7). */
function toText(chunk: LogChunk): Uint8Array {
  if (chunk.dropped === 0) return chunk.data;
  return Buffer.from(
    `\n[berth: ${chunk.dropped} bytes of ${chunk.stream} are missing here: ${chunk.droppedReason ?? 'no reason is known'}]\n`,
  );
}

function toLine({ position, attempt, stream, at, data, dropped, droppedReason }: LogChunk): string {
  const next = position + (dropped > 0 ? dropped : data.length);
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  return `${JSON.stringify({ position, next, attempt, stream, at, data: text, dropped, droppedReason })}\n`;
}
