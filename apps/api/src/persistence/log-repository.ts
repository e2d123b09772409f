/** The stored log of a run: chunks by their position in the merged log. */
import { BerthError } from '@berth/shared/errors/problem';
import { LOG_STREAMS, type LogChunk, type LogStream } from '@berth/shared/events/console-socket';
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import { Injectable } from '@nestjs/common';
import { chunkOf, endOf, piecesBehind } from '../logs/segment.ts';
import { Database } from './database.ts';
import { SegmentRepository } from './segment-repository.ts';

export interface LogPage {
  /** The first one is cut where `after` lies inside it. */
  chunks: LogChunk[];
  /** Read on from here; it moves on over chunks of another stream too. */
  next: number;
  /** The run is at an end and nothing lies beyond `next`. */
  complete: boolean;
}

/** As it is read from Postgres. */
export interface StoredPage extends LogPage {
  /** How long the merged log is. */
  bytes: number;
}

interface ChunkRow {
  phase: Phase;
  log_bytes: number;
  packed_bytes: number;
  position: number | null;
  attempt_number: number;
  stream: number;
  at: Date;
  length: number;
  data: Buffer<ArrayBuffer>;
  dropped: number;
  dropped_reason: string | null;
  dropped_at_least: boolean | null;
}

/** Chunks looked at for one page; the bytes are bounded by the caller. */
const MOST_CHUNKS = 256;

/** As stored in `log_chunk.stream`. */
export const STREAM_NUMBERS: Record<LogStream, number> = { stdout: 1, stderr: 2 };
const streamName = (number: number): LogStream => LOG_STREAMS[number - 1] ?? 'stdout';

@Injectable()
export class LogRepository {
  constructor(
    private readonly database: Database,
    private readonly segments: SegmentRepository,
  ) {}

  /** At least one chunk where there is one, then as many as fit `limitBytes`. Throws BerthError `not-found` for no such run in the workspace. */
  async read(workspaceId: string, runId: string, after: number, limitBytes: number, stream?: LogStream): Promise<StoredPage> {
    const { rows } = await this.database.sql.query<ChunkRow>({
      name: 'log-read',
      // The run's row and the chunks come from one snapshot: a terminal phase is never seen without the output that led to it.
      // The first chunk is the one that `after` lies in: the last that begins at it or before.
      text: `
        WITH run AS (SELECT phase, log_bytes, packed_bytes FROM run WHERE id = $2 AND workspace_id = $1 AND deleted_at IS NULL),
        chunk AS (
          SELECT position, attempt_number, stream, at, length, dropped, dropped_reason, dropped_at_least,
                 sum(length) OVER (ORDER BY position) - length AS bytes_before
            FROM (SELECT * FROM log_chunk
                   WHERE run_id = $2
                     AND position >= coalesce((SELECT max(position) FROM log_chunk WHERE run_id = $2 AND position <= $3), 0)
                   ORDER BY position LIMIT ${MOST_CHUNKS}) AS page)
        SELECT run.phase, run.log_bytes, run.packed_bytes, c.position, c.attempt_number, c.stream, c.at, c.length, c.dropped, c.dropped_reason,
               c.dropped_at_least, l.data
          FROM run LEFT JOIN (chunk c JOIN log_chunk l ON l.run_id = $2 AND l.position = c.position)
            ON c.position + c.length + c.dropped > $3 AND (c.bytes_before = 0 OR c.bytes_before + c.length <= $4)
         ORDER BY c.position`,
      values: [workspaceId, runId, after, limitBytes],
    });
    const run = rows[0];
    if (!run) throw new BerthError('not-found', `There is no run ${runId}`);
    if (after < run.packed_bytes) return this.readPacked(runId, after, limitBytes, run, stream);
    const chunks: LogChunk[] = [];
    let next = after;
    for (const row of rows) {
      if (row.position === null) continue;
      next = row.position + row.length + row.dropped;
      if (stream !== undefined && row.stream !== STREAM_NUMBERS[stream]) continue;
      chunks.push(cutFront(row, row.position, after));
    }
    return { chunks, next, complete: isTerminal(run.phase) && next >= run.log_bytes, bytes: run.log_bytes };
  }

  private async readPacked(
    runId: string,
    after: number,
    limitBytes: number,
    run: Pick<ChunkRow, 'phase' | 'log_bytes'>,
    stream: LogStream | undefined,
  ): Promise<StoredPage> {
    // Removed in this moment, another one has taken its place.
    const segment = (await this.segments.at(runId, after)) ?? (await this.segments.at(runId, after));
    const chunks: LogChunk[] = [];
    let next = after;
    let bytes = 0;
    for (const piece of piecesBehind(segment?.pieces ?? [], after)) {
      if (bytes > 0 && bytes + piece.data.length > limitBytes) break;
      bytes += piece.data.length;
      next = endOf(piece);
      if (stream === undefined || piece.stream === stream) chunks.push(chunkOf(piece));
    }
    return { chunks, next, complete: isTerminal(run.phase) && next >= run.log_bytes, bytes: run.log_bytes };
  }

  /** How long the merged log is. Throws BerthError `not-found` for no such run in the workspace. */
  async length(workspaceId: string, runId: string): Promise<number> {
    const { rows } = await this.database.sql.query<{ log_bytes: number }>({
      name: 'log-length',
      text: 'SELECT log_bytes FROM run WHERE id = $2 AND workspace_id = $1 AND deleted_at IS NULL',
      values: [workspaceId, runId],
    });
    if (!rows[0]) throw new BerthError('not-found', `There is no run ${runId}.`);
    return rows[0].log_bytes;
  }

  /** The first place with output of this time or later; null where there is none. */
  async positionAt(workspaceId: string, runId: string, at: string): Promise<number | null> {
    const { rows } = await this.database.sql.query<{ position: number | null }>({
      name: 'log-position-at',
      text: 'SELECT min(position) AS position FROM log_chunk WHERE run_id = $2 AND workspace_id = $1 AND at >= $3',
      values: [workspaceId, runId, at],
    });
    const segment = await this.segments.since(runId, at);
    const packed = segment?.pieces.find((piece) => piece.at.toISOString() >= at);
    return packed?.position ?? rows[0]?.position ?? null;
  }

  /** Chunks that begin before a place, the last one first: at least one where there is one, then as many as fit `limitBytes`. */
  async readBack(workspaceId: string, runId: string, before: number, limitBytes: number): Promise<LogChunk[]> {
    const { rows } = await this.database.sql.query<
      Omit<ChunkRow, 'phase' | 'log_bytes' | 'packed_bytes' | 'position'> & { position: number }
    >({
      name: 'log-read-back',
      text: `
        SELECT l.position, l.attempt_number, l.stream, l.at, l.length, l.data, l.dropped, l.dropped_reason, l.dropped_at_least
          FROM (SELECT position, sum(length) OVER (ORDER BY position DESC) - length AS bytes_after, length
                  FROM (SELECT position, length FROM log_chunk
                         WHERE run_id = $2 AND workspace_id = $1 AND position < $3 ORDER BY position DESC LIMIT ${MOST_CHUNKS}) AS page) AS c
          JOIN log_chunk l ON l.run_id = $2 AND l.position = c.position
         WHERE c.bytes_after = 0 OR c.bytes_after + c.length <= $4
         ORDER BY l.position DESC`,
      values: [workspaceId, runId, before, limitBytes],
    });
    if (rows.length > 0) return rows.map((row) => cutFront(row, row.position, row.position));
    const segment = await this.segments.before(runId, before);
    const pieces = (segment?.pieces ?? []).filter(({ position }) => position < before);
    return pieces.reverse().map(chunkOf);
  }
}

/** A cursor may lie inside a chunk: what lies before it was read already. */
function cutFront(row: Omit<ChunkRow, 'phase' | 'log_bytes' | 'packed_bytes' | 'position'>, position: number, after: number): LogChunk {
  const skip = Math.max(0, after - position);
  return {
    position: position + skip,
    attempt: row.attempt_number,
    stream: streamName(row.stream),
    at: row.at.toISOString(),
    data: row.dropped > 0 ? row.data : row.data.subarray(skip),
    dropped: Math.max(0, row.dropped - (row.dropped > 0 ? skip : 0)),
    droppedReason: row.dropped_reason,
    ...(row.dropped_at_least && { droppedAtLeast: true }),
  };
}
