/** Stores pieces of logs. The bytes travel as one binary parameter and are cut apart by Postgres: no hex text, no parameter a piece. */
import { countNewlines } from '../logs/newlines.ts';
import type { LogPiece } from '../planning/ingest/model.ts';
import type { Sql } from './database.ts';
import { STREAM_NUMBERS } from './log-repository.ts';

export async function writeLogs(sql: Sql, pieces: readonly LogPiece[]): Promise<void> {
  if (pieces.length === 0) return;
  let offset = 0;
  const rows = pieces.map((piece) => {
    const from = offset;
    offset += piece.length;
    return {
      r: piece.runId,
      p: piece.position,
      w: piece.workspaceId,
      n: piece.attemptNumber,
      s: STREAM_NUMBERS[piece.stream],
      o: piece.streamOffset,
      a: piece.at,
      l: piece.length,
      m: piece.data.reduce((sum, data) => sum + countNewlines(data), 0),
      d: piece.dropped,
      t: piece.droppedReason,
      u: piece.droppedAtLeast,
      // substring counts from 1
      f: from + 1,
    };
  });
  await sql.query({
    name: 'log-write',
    text: `
      INSERT INTO log_chunk (run_id, position, workspace_id, attempt_number, stream, stream_offset, at, length, lines, data, dropped, dropped_reason,
                             dropped_at_least)
      SELECT c.r, c.p, c.w, c.n, c.s, c.o, c.a, c.l, c.m, substring($2::bytea FROM c.f FOR c.l), c.d, c.t, c.u
        FROM json_to_recordset($1::json)
          AS c(r text, p bigint, w text, n int, s smallint, o bigint, a timestamptz, l int, m int, d bigint, t text, u boolean, f int)`,
    values: [JSON.stringify(rows), wholeOf(pieces.flatMap((piece) => piece.data))],
  });
}

/** Copied only where there is more than one: the client of Postgres copies it anyway. */
function wholeOf(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  return only && parts.length === 1 ? only : Buffer.concat(parts);
}
