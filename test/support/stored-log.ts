/** A log put into the database as ingest does, and packed by what packs logs: for tests and figures that need a certain log, or a long one. */
import { LOG_STREAMS } from '@berth/shared/events/console-socket';
import type { ClientBase } from 'pg';

/** What is used of the api's own door to Postgres and of what packs logs, as source or as built. */
interface Database {
  readonly sql: Pick<ClientBase, 'query'>;
}
interface Segments {
  packNext(part: { runId: string; workspaceId: string; from: number; until: number }): Promise<number | null>;
}

export interface WrittenPiece {
  attempt: number;
  stream: 'stdout' | 'stderr';
  data: Uint8Array;
  /** Bytes that are missing, in place of data. */
  dropped: number;
}

export interface StoredLog {
  workspaceId: string;
  runId: string;
  /** How long it is so far. */
  bytes: number;
}

/** A run without anything but its log. */
export async function insertRun(database: Database, workspaceId: string, runId: string): Promise<StoredLog> {
  await database.sql.query(
    `INSERT INTO run (id, workspace_id, name, spec, image, created_by, phase, finished_at, ended_at) VALUES ($1, $2, $1, '{}', 'none', 'test', 'exited', now(), now())`,
    [runId, workspaceId],
  );
  return { workspaceId, runId, bytes: 0 };
}

/** Appends pieces; they stay as they come. */
export async function appendPieces(database: Database, log: StoredLog, pieces: readonly WrittenPiece[]): Promise<void> {
  const places = pieces.map(({ data, dropped }) => {
    const position = log.bytes;
    log.bytes += data.length + dropped;
    return position;
  });
  await database.sql.query(
    `INSERT INTO log_chunk (run_id, position, workspace_id, attempt_number, stream, stream_offset, at, length, data, dropped, dropped_reason)
     SELECT $1, p.position, $2, p.attempt, p.stream, p.position, now() - interval '1 hour' + p.position * interval '1 microsecond', length(p.data), p.data, p.dropped,
            CASE WHEN p.dropped > 0 THEN 'lost' END
       FROM unnest($3::bigint[], $4::int[], $5::smallint[], $6::bytea[], $7::bigint[]) AS p(position, attempt, stream, data, dropped)`,
    [
      log.runId,
      log.workspaceId,
      places,
      pieces.map(({ attempt }) => attempt),
      pieces.map(({ stream }) => LOG_STREAMS.indexOf(stream) + 1),
      pieces.map(({ data }) => Buffer.from(data)),
      pieces.map(({ dropped }) => dropped),
    ],
  );
  await database.sql.query('UPDATE run SET log_bytes = $2 WHERE id = $1', [log.runId, log.bytes]);
}

/** Packs up to a place, in segments as long as they become. The api may do so too. */
export async function packLog(database: Database, segments: Segments, { workspaceId, runId }: StoredLog, until: number): Promise<void> {
  for (;;) {
    const { rows } = await database.sql.query<{ packed_bytes: number }>('SELECT packed_bytes FROM run WHERE id = $1', [runId]);
    const from = rows[0]?.packed_bytes ?? until;
    if (from >= until) return;
    await segments.packNext({ runId, workspaceId, from, until });
  }
}
