/** Packed parts of logs: made of chunks, read by place, and removed by age and by room. All of a run's segments lie before its chunks. */
import { LOG_STREAMS } from '@berth/shared/events/console-socket';
import { Injectable } from '@nestjs/common';
import type { OpenLine } from '../logs/log-lines.ts';
import { countNewlines } from '../logs/newlines.ts';
import { packOpenLines, unpackOpenLines } from '../logs/open-lines.ts';
import { dropped, packSegment, type StoredPiece, unpackSegment } from '../logs/segment.ts';
import { indexSegment } from '../logs/segment-index.ts';
import { inTurns } from '../logs/steps.ts';
import { Database, type Sql } from './database.ts';

/** Of a log's bytes in one segment: it is read as a whole. */
const SEGMENT_BYTES = 1024 * 1024;
const SEGMENT_PIECES = 10_000;
/** The newest of a log that grows stays as it came: it is what is read most. */
const FRESH_BYTES = 1024 * 1024;
/** Less than this is packed only once its run has ended a day ago. */
const WORTH_BYTES = 64 * 1024;
const CANDIDATES = 500;
const DROPPED_AT_ONCE = 64;
/** Segments that are held unpacked: a reader of one takes it in several pages. */
const MOST_CACHED = 8;

interface Unpacked {
  end: number;
  pieces: StoredPiece[];
}

export interface Packable {
  runId: string;
  workspaceId: string;
  from: number;
  /** Nothing from here on is packed. */
  until: number;
}

@Injectable()
export class SegmentRepository {
  private readonly cache = new Map<string, Unpacked>();

  constructor(private readonly database: Database) {}

  /** The segment in which a place lies; null where there is none. */
  async at(runId: string, position: number): Promise<Unpacked | null> {
    const { rows } = await this.database.sql.query<{ position: number; end_position: number; is_dropped: boolean }>({
      name: 'segment-find',
      text: `SELECT position, end_position, is_dropped FROM log_segment WHERE run_id = $1 AND position <= $2 AND end_position > $2`,
      values: [runId, position],
    });
    return rows[0] ? this.unpack(runId, rows[0].position, rows[0].end_position, rows[0].is_dropped) : null;
  }

  /** The last segment that begins before a place; null where there is none. */
  async before(runId: string, position: number): Promise<Unpacked | null> {
    const { rows } = await this.database.sql.query<{ position: number; end_position: number; is_dropped: boolean }>({
      name: 'segment-before',
      text: `SELECT position, end_position, is_dropped FROM log_segment WHERE run_id = $1 AND position < $2 ORDER BY position DESC LIMIT 1`,
      values: [runId, position],
    });
    return rows[0] ? this.unpack(runId, rows[0].position, rows[0].end_position, rows[0].is_dropped) : null;
  }

  /** The first segment with output of this time or later. */
  async since(runId: string, at: string): Promise<Unpacked | null> {
    const { rows } = await this.database.sql.query<{ position: number; end_position: number; is_dropped: boolean }>({
      name: 'segment-since',
      text: `SELECT position, end_position, is_dropped FROM log_segment WHERE run_id = $1 AND last_at >= $2 ORDER BY position LIMIT 1`,
      values: [runId, at],
    });
    return rows[0] ? this.unpack(runId, rows[0].position, rows[0].end_position, rows[0].is_dropped) : null;
  }

  /** `is_dropped` is part of the key: what is removed takes the place of what was there. */
  private async unpack(runId: string, position: number, end: number, isDropped: boolean): Promise<Unpacked | null> {
    const key = `${runId} ${position} ${end} ${isDropped}`;
    const known = this.cache.get(key);
    if (known) return known;
    const { rows } = await this.database.sql.query<{ data: Buffer }>({
      name: 'segment-read',
      text: 'SELECT data FROM log_segment WHERE run_id = $1 AND position = $2 AND end_position = $3',
      values: [runId, position, end],
    });
    if (!rows[0]) return null;
    const unpacked = { end, pieces: await unpackSegment(rows[0].data) };
    this.cache.set(key, unpacked);
    const oldest = this.cache.keys().next();
    if (this.cache.size > MOST_CACHED && !oldest.done) this.cache.delete(oldest.value);
    return unpacked;
  }

  /** Runs with chunks to be packed, of the next few with chunks before this id, newest first; `next` null at the end. */
  async packable(before: string): Promise<{ runs: Packable[]; next: string | null }> {
    const { rows } = await this.database.sql.query<{
      id: string;
      workspace_id: string | null;
      packed_bytes: number;
      log_bytes: number;
      ended: boolean;
      long_ago: boolean;
    }>({
      name: 'segment-packable',
      // Chunks are found by their run, one probe of the index each: a run has many, and most runs have none.
      text: `
        WITH RECURSIVE ids AS (
          (SELECT run_id FROM log_chunk WHERE run_id < $1 ORDER BY run_id DESC LIMIT 1)
          UNION ALL
          SELECT (SELECT c.run_id FROM log_chunk c WHERE c.run_id < ids.run_id ORDER BY c.run_id DESC LIMIT 1) FROM ids WHERE ids.run_id IS NOT NULL)
        SELECT i.run_id AS id, r.workspace_id, r.packed_bytes, r.log_bytes, r.ended_at IS NOT NULL AS ended,
               r.ended_at < now() - interval '1 day' AS long_ago
          FROM (SELECT run_id FROM ids WHERE run_id IS NOT NULL LIMIT ${CANDIDATES}) i LEFT JOIN run r ON r.id = i.run_id
         ORDER BY i.run_id DESC`,
      values: [before],
    });
    const runs = rows.flatMap((row): Packable[] => {
      if (row.workspace_id === null) return [];
      const until = row.ended ? row.log_bytes : row.log_bytes - FRESH_BYTES;
      const worth = row.ended ? (row.long_ago ? 1 : WORTH_BYTES) : SEGMENT_BYTES;
      return until - row.packed_bytes >= worth ? [{ runId: row.id, workspaceId: row.workspace_id, from: row.packed_bytes, until }] : [];
    });
    return { runs, next: rows.length < CANDIDATES ? null : (rows.at(-1)?.id ?? null) };
  }

  /** Packs the next part of a run's log. Null: nothing was left, or another process was quicker. */
  async packNext({ runId, workspaceId, from, until }: Packable): Promise<number | null> {
    const pieces = await this.chunks(runId, from, until);
    const last = pieces.at(-1);
    if (!last || pieces[0]?.position !== from) return null;
    const end = last.position + last.data.length + last.dropped;
    const data = await packSegment(pieces);
    const before = await this.openBefore(runId, from);
    const index = before && (await inTurns(indexSegment(before, pieces)));
    const beside = index && {
      grams: index.grams,
      longGrams: index.longGrams,
      openLines: await packOpenLines(index.open),
      openFrom: firstOf(index.open, end),
    };
    const lastAt = new Date(Math.max(...pieces.map(({ at }) => at.getTime())));
    return this.database.transaction(async (sql, defer) => {
      if (!(await isNext(sql, runId, from))) return null;
      await insert(sql, { runId, workspaceId, position: from, end, lastAt, isDropped: false, pieces, data, beside });
      await sql.query('DELETE FROM log_chunk WHERE run_id = $1 AND position >= $2 AND position < $3', [runId, from, end]);
      // Last, and with the commit right behind: what the run writes meanwhile is stored under a lock on this row.
      defer(sql.query('UPDATE run SET packed_bytes = $2 WHERE id = $1', [runId, end]));
      return end;
    });
  }

  /** The lines that go on at a place where a segment ends. Null: not known, of what was packed before that was kept. */
  private async openBefore(runId: string, position: number): Promise<OpenLine[] | null> {
    if (position === 0) return [];
    const { rows } = await this.database.sql.query<{ open_lines: Buffer | null }>({
      name: 'segment-open-before',
      text: 'SELECT open_lines FROM log_segment WHERE run_id = $1 AND position < $2 ORDER BY position DESC LIMIT 1',
      values: [runId, position],
    });
    return rows[0]?.open_lines ? unpackOpenLines(rows[0].open_lines) : null;
  }

  private async chunks(runId: string, from: number, until: number): Promise<StoredPiece[]> {
    const { rows } = await this.database.sql.query<{
      position: number;
      attempt_number: number;
      stream: number;
      stream_offset: number;
      at: Date;
      data: Buffer<ArrayBuffer>;
      dropped: number;
      dropped_reason: string | null;
      dropped_at_least: boolean | null;
    }>({
      name: 'segment-chunks',
      text: `
        SELECT l.position, l.attempt_number, l.stream, l.stream_offset, l.at, l.data, l.dropped, l.dropped_reason, l.dropped_at_least
          FROM (SELECT position, length, sum(length) OVER (ORDER BY position) - length AS before
                  FROM (SELECT position, length FROM log_chunk
                         WHERE run_id = $1 AND position >= $2 AND position + length + dropped <= $3
                         ORDER BY position LIMIT ${SEGMENT_PIECES}) p) c
          JOIN log_chunk l ON l.run_id = $1 AND l.position = c.position
         WHERE c.before < ${SEGMENT_BYTES}
         ORDER BY l.position`,
      values: [runId, from, until],
    });
    return rows.map((row) => ({
      position: row.position,
      attempt: row.attempt_number,
      stream: LOG_STREAMS[row.stream - 1] ?? 'stdout',
      streamOffset: row.stream_offset,
      at: row.at,
      dropped: row.dropped,
      droppedReason: row.dropped_reason,
      droppedAtLeast: row.dropped_at_least ?? undefined,
      data: row.data,
    }));
  }

  /** Of each workspace: what it keeps, and what it has. */
  async kept(standard: {
    maxAgeDays: number;
    maxBytes: number;
  }): Promise<{ workspaceId: string; maxAgeDays: number; maxBytes: number; bytes: number }[]> {
    const { rows } = await this.database.sql.query<{ id: string; days: number; most: number; bytes: number }>(
      `SELECT w.id, coalesce(s.log_max_age_days, $1::int) AS days, coalesce(s.log_max_bytes, $2::bigint) AS most,
              (SELECT coalesce(sum(stored_bytes), 0)::bigint FROM log_segment g WHERE g.workspace_id = w.id) AS bytes
         FROM workspace w LEFT JOIN workspace_settings s ON s.workspace_id = w.id`,
      [standard.maxAgeDays, standard.maxBytes],
    );
    return rows.map(({ id, days, most, bytes }) => ({ workspaceId: id, maxAgeDays: days, maxBytes: most, bytes }));
  }

  /** Runs with segments older than so many days, each with the place up to which. */
  async older(workspaceId: string, days: number): Promise<{ runId: string; until: number }[]> {
    const { rows } = await this.database.sql.query<{ run_id: string; until: number }>(
      `SELECT run_id, max(end_position) AS until
         FROM (SELECT run_id, end_position FROM log_segment
                WHERE workspace_id = $1 AND NOT is_dropped AND stored_at < now() - make_interval(days => $2)
                ORDER BY stored_at LIMIT ${DROPPED_AT_ONCE}) o
        GROUP BY run_id`,
      [workspaceId, days],
    );
    return rows.map(({ run_id, until }) => ({ runId: run_id, until }));
  }

  /** What is to go so that so many bytes have room: of runs that have ended first, the oldest first. */
  async oldest(workspaceId: string, bytes: number): Promise<{ runId: string; until: number }[]> {
    const { rows } = await this.database.sql.query<{ run_id: string; until: number }>(
      `SELECT run_id, max(end_position) AS until
         FROM (SELECT s.run_id, s.end_position,
                      sum(s.stored_bytes) OVER (ORDER BY r.ended_at IS NULL, s.stored_at, s.run_id, s.position) - s.stored_bytes AS before
                 FROM log_segment s JOIN run r ON r.id = s.run_id
                WHERE s.workspace_id = $1 AND NOT s.is_dropped
                ORDER BY r.ended_at IS NULL, s.stored_at, s.run_id, s.position LIMIT ${DROPPED_AT_ONCE}) o
        WHERE before < $2
        GROUP BY run_id`,
      [workspaceId, bytes],
    );
    return rows.map(({ run_id, until }) => ({ runId: run_id, until }));
  }

  /** Removes the log of a run up to a place; one segment says what was there. */
  async drop(runId: string, until: number, reason: string): Promise<void> {
    await this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ workspace_id: string; end_position: number; last_at: Date; data: Buffer }>(
        `SELECT workspace_id, end_position, last_at, data FROM log_segment WHERE run_id = $1 AND end_position <= $2
          ORDER BY position FOR UPDATE`,
        [runId, until],
      );
      const last = rows.at(-1);
      if (!last) return;
      const pieces = (await Promise.all(rows.map(({ data }) => unpackSegment(data)))).flat();
      const told = dropped(pieces, reason);
      await sql.query('DELETE FROM log_segment WHERE run_id = $1 AND end_position <= $2', [runId, until]);
      const { workspace_id: workspaceId, end_position: end, last_at: lastAt } = last;
      const position = pieces[0]?.position ?? 0;
      // No line goes on behind it.
      const beside = { grams: null, longGrams: null, openLines: await packOpenLines([]), openFrom: end };
      const data = await packSegment(told);
      await insert(sql, { runId, workspaceId, position, end, lastAt, isDropped: true, pieces: told, data, beside });
    });
  }
}

interface NewSegment {
  runId: string;
  workspaceId: string;
  position: number;
  end: number;
  lastAt: Date;
  isDropped: boolean;
  /** What `data` holds. */
  pieces: readonly StoredPiece[];
  data: Buffer;
  /** For who searches. */
  beside: { grams: Buffer | null; longGrams: Buffer | null; openLines: Buffer; openFrom: number } | null;
}

/**
 * Whether the log is packed up to there, and nobody else is packing it; so it stays until the end of the transaction. The run cannot be
 * removed meanwhile, but changed: its output goes on.
 */
async function isNext(sql: Sql, runId: string, from: number): Promise<boolean> {
  const { rows } = await sql.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock(hashtextextended('pack ' || $1, 0)) AS mine", [
    runId,
  ]);
  if (rows[0]?.mine !== true) return false;
  // A statement of its own: it sees what another one committed before it let go.
  const { rowCount } = await sql.query('SELECT FROM run WHERE id = $1 AND packed_bytes = $2 FOR KEY SHARE', [runId, from]);
  return rowCount === 1;
}

const firstOf = (open: readonly OpenLine[], end: number): number => Math.min(end, ...open.map(({ position }) => position));

async function insert(sql: Sql, { runId, workspaceId, position, end, lastAt, isDropped, pieces, data, beside }: NewSegment): Promise<void> {
  const lines = { stdout: 0, stderr: 0 };
  let missing = 0;
  for (const piece of pieces) {
    lines[piece.stream] += countNewlines(piece.data);
    missing += piece.dropped;
  }
  const stored = data.length + (beside?.openLines.length ?? 0) + (beside?.grams?.length ?? 0) + (beside?.longGrams?.length ?? 0);
  await sql.query(
    `INSERT INTO log_segment (run_id, position, end_position, workspace_id, last_at, is_dropped, stored_bytes, data, grams, open_lines, open_from,
                              stdout_lines, stderr_lines, dropped_bytes, long_grams)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      runId,
      position,
      end,
      workspaceId,
      lastAt,
      isDropped,
      stored,
      data,
      beside?.grams ?? null,
      beside?.openLines ?? null,
      beside?.openFrom ?? null,
      lines.stdout,
      lines.stderr,
      missing,
      beside?.longGrams ?? null,
    ],
  );
}
