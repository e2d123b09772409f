/** Packed parts of logs as a search reads them: what stands beside many of them at once, and then the few that may hold what is searched for. */
import { Injectable } from '@nestjs/common';
import type { OpenLine } from '../logs/log-lines.ts';
import { unpackOpenLines } from '../logs/open-lines.ts';
import { Database } from './database.ts';

/** About 4 KiB each. */
const OUTLINES_AT_ONCE = 1000;

export interface SegmentOutline {
  position: number;
  end: number;
  /** Where the first line begins that has not ended at its end: `end` where all have. Null: packed before that was kept. */
  openFrom: number | null;
  /** Null: nothing is known of what is in it. */
  grams: Buffer | null;
  /** False: one of the long grams that were asked for is not in it. */
  hasLongGrams: boolean;
}

export interface PackedSegment {
  position: number;
  /** As Postgres sends bytes: they are made of it where they are unpacked. */
  hex: string;
  /** What had not ended before it, where that was asked for. */
  openLines: OpenLine[] | null;
}

@Injectable()
export class SegmentReader {
  constructor(private readonly database: Database) {}

  /**
   * The next ones in their order, from the one on in which a place lies; none behind the last. The filters of long grams are asked where they are:
   * they are four times as large, and a few bits of them say it.
   */
  async outlines(runId: string, position: number, wanted: { grams: boolean; longHashes: readonly number[] }): Promise<SegmentOutline[]> {
    const { rows } = await this.database.sql.query<{
      position: number;
      end_position: number;
      open_from: number | null;
      grams: Buffer | null;
      has_long_grams: boolean;
    }>({
      name: wanted.grams ? 'segment-outlines-with-grams' : 'segment-outlines',
      // A filter of 2^n bits: the first n of the hash's 32 bits.
      text: `
        SELECT position, end_position, open_from,
               ${wanted.grams ? 'grams' : 'NULL::bytea AS grams'},
               long_grams IS NULL OR NOT EXISTS (
                 SELECT FROM unnest($3::bigint[]) AS h(hash) WHERE get_bit(long_grams, h.hash * (8 * length(long_grams)) >> 32) = 0
               ) AS has_long_grams
          FROM log_segment WHERE run_id = $1 AND end_position > $2
         ORDER BY position LIMIT ${OUTLINES_AT_ONCE}`,
      values: [runId, position, wanted.longHashes],
    });
    return rows.map(({ position: begin, end_position: end, open_from: openFrom, grams, has_long_grams: hasLongGrams }) => ({
      position: begin,
      end,
      openFrom,
      grams,
      hasLongGrams,
    }));
  }

  /** Of each: itself, and, where `before` is the place of the one before it, the lines that go on in it. What was removed meanwhile is missing. */
  async packed(runId: string, wanted: readonly { position: number; end: number; before: number | null }[]): Promise<PackedSegment[]> {
    const { rows } = await this.database.sql.query<{ position: number; hex: string; open_lines: Buffer | null }>({
      name: 'segments-packed',
      text: `
        SELECT s.position, encode(s.data, 'hex') AS hex, b.open_lines
          FROM unnest($2::bigint[], $3::bigint[], $4::bigint[]) AS w(position, end_position, before)
          JOIN log_segment s ON s.run_id = $1 AND s.position = w.position AND s.end_position = w.end_position
          LEFT JOIN log_segment b ON b.run_id = $1 AND b.position = w.before
         ORDER BY s.position`,
      values: [runId, wanted.map(({ position }) => position), wanted.map(({ end }) => end), wanted.map(({ before }) => before)],
    });
    return Promise.all(
      rows.map(async ({ position, hex, open_lines }) => ({
        position,
        hex,
        openLines: open_lines && (await unpackOpenLines(open_lines)),
      })),
    );
  }

  /** The lines that had not ended at the last place up to here where that is known. */
  async openLinesAt(runId: string, position: number): Promise<{ end: number; lines: OpenLine[] } | null> {
    const { rows } = await this.database.sql.query<{ end: number; open_lines: Buffer }>({
      name: 'segment-open-lines',
      text: `
        SELECT end_position AS "end", open_lines FROM log_segment
         WHERE run_id = $1 AND position < $2 AND end_position <= $2 AND open_lines IS NOT NULL ORDER BY position DESC LIMIT 1`,
      values: [runId, position],
    });
    const [row] = rows;
    return row ? { end: row.end, lines: await unpackOpenLines(row.open_lines) } : null;
  }

  /** Up to where a log was removed; 0 for none of it. */
  async removedUntil(runId: string): Promise<number> {
    const { rows } = await this.database.sql.query<{ until: number }>({
      name: 'segment-removed-until',
      text: `
        SELECT CASE WHEN is_dropped THEN end_position ELSE 0 END AS until FROM log_segment
         WHERE run_id = $1 ORDER BY position LIMIT 1`,
      values: [runId],
    });
    return rows[0]?.until ?? 0;
  }
}
