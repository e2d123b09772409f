/** The ends of what is stored of an attempt's output, by which its agent finds its place in the engine's record again. */
import type { LogStream } from '@berth/shared/events/console-socket';
import { TAIL_BYTES } from '@berth/shared/protocol/agent';
import type { Bytes } from '@berth/shared/protocol/packed';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';
import { LogRepository } from './log-repository.ts';

const PAGE_BYTES = 256 * 1024;
/** A stream that has been silent for longer than this, in bytes of the log, is given without its end. */
const MOST_BYTES = 8 * 1024 * 1024;

export interface StoredTail {
  stream: LogStream;
  /** Where the tail ends: bytes of the stream that are stored. */
  offset: number;
  /** When its last bytes were written; null where that was not found. */
  at: string | null;
  /** At most TAIL_BYTES, up to the last gap. */
  data: Bytes;
}

/** Of one stream, from its end on backwards. */
class Backwards {
  readonly parts: Bytes[] = [];
  at: string | null = null;
  private missing = TAIL_BYTES;
  private over: boolean;

  constructor(readonly offset: number) {
    this.over = offset === 0;
  }

  get complete(): boolean {
    return this.over || this.missing <= 0;
  }

  take(data: Bytes, dropped: number, at: string): void {
    if (this.complete) return;
    this.at ??= at;
    this.over = dropped > 0;
    const part = data.subarray(Math.max(0, data.length - this.missing));
    this.missing -= part.length;
    this.parts.unshift(part);
  }

  get data(): Bytes {
    return new Uint8Array(Buffer.concat(this.parts));
  }
}

@Injectable()
export class LogTailsRepository {
  constructor(
    private readonly database: Database,
    private readonly logs: LogRepository,
  ) {}

  /** Of each stream of which something is stored; none for an attempt that is not this host's. */
  async of(hostId: string, attemptId: string): Promise<StoredTail[]> {
    const { rows } = await this.database.sql.query<{
      run_id: string;
      workspace_id: string;
      number: number;
      stdout_bytes: number;
      stderr_bytes: number;
      log_bytes: number;
    }>({
      name: 'log-tails',
      text: `
        SELECT a.run_id, r.workspace_id, a.number, a.stdout_bytes, a.stderr_bytes, r.log_bytes
          FROM attempt a JOIN run r ON r.id = a.run_id
         WHERE a.id = $2 AND a.host_id = $1 AND NOT a.released`,
      values: [hostId, attemptId],
    });
    const [attempt] = rows;
    if (!attempt) return [];
    const streams = { stdout: new Backwards(attempt.stdout_bytes), stderr: new Backwards(attempt.stderr_bytes) };
    for (let before = attempt.log_bytes; before > Math.max(0, attempt.log_bytes - MOST_BYTES); ) {
      const chunks = await this.logs.readBack(attempt.workspace_id, attempt.run_id, before, PAGE_BYTES);
      for (const { position, attempt: number, stream, data, dropped, at } of chunks) {
        before = position;
        if (number === attempt.number) streams[stream].take(data, dropped, at);
      }
      if (chunks.length === 0 || (streams.stdout.complete && streams.stderr.complete)) break;
    }
    return (['stdout', 'stderr'] as const).flatMap((stream) => {
      const { offset, at, data } = streams[stream];
      return offset === 0 ? [] : [{ stream, offset, at, data }];
    });
  }
}
