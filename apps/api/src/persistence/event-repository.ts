/**
 * The event stream of a workspace (DESIGN §7, "Event cursors").
 * Rows are ordered by (xid, seq) and read only below the oldest transaction still in flight: whatever commits later has a greater xid,
 * so a reader that remembers a cursor loses nothing.
 */
import { BerthError } from '@berth/shared/errors/problem';
import { type BerthEvent, berthEventSchema, type Cursor, cursorSchema, kindOfEvent } from '@berth/shared/events/event';
import { Injectable } from '@nestjs/common';
import { Database, type Sql } from './database.ts';

type WithoutPlace<E> = E extends BerthEvent ? Omit<E, 'cursor' | 'at' | 'kind'> : never;
/** An event before it has its place in the stream. */
export type NewEvent = WithoutPlace<BerthEvent> & { workspaceId: string };

export interface EventBatch {
  events: BerthEvent[];
  /** Read on from here. */
  cursor: Cursor;
  /** More is written, but lies beyond a transaction that is still in flight: look again within milliseconds. */
  pending: boolean;
}

interface Place {
  xid: number;
  seq: number;
}

/** A page of events, or a row of nulls where there is none: the horizon comes with every answer. */
interface EventRow {
  xid: number | null;
  seq: number | null;
  kind: string;
  resource_id: string;
  type: string;
  data: unknown;
  at: Date;
  pending: boolean;
  expired: boolean;
}

const BEGINNING: Place = { xid: 0, seq: 0 };

export const formatCursor = ({ xid, seq }: Place): Cursor => `${xid.toString(36)}.${seq.toString(36)}`;

/** Throws BerthError `invalid-request` for text that is not a cursor. */
export function parseCursor(cursor: Cursor): Place {
  const [xid, seq] = cursor.split('.').map((part) => Number.parseInt(part, 36));
  if (!cursorSchema.safeParse(cursor).success || !Number.isSafeInteger(xid) || !Number.isSafeInteger(seq)) {
    throw new BerthError('invalid-request', `"${cursor}" is not a cursor that Berth gave out`);
  }
  return { xid: xid ?? 0, seq: seq ?? 0 };
}

@Injectable()
export class EventRepository {
  constructor(private readonly database: Database) {}

  /** Appends in the transaction of the change itself. */
  async append(sql: Sql, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(({ workspaceId, id, type, data }) => ({ w: workspaceId, k: kindOfEvent(type), r: id, t: type, d: data }));
    await sql.query({
      name: 'event-append',
      text: `INSERT INTO event (workspace_id, kind, resource_id, type, data)
             SELECT e.w, e.k, e.r, e.t, e.d FROM json_to_recordset($1::json) AS e(w text, k text, r text, t text, d jsonb)`,
      values: [JSON.stringify(rows)],
    });
  }

  /** Events after the cursor, oldest first; null: from the beginning of what is kept. Throws BerthError `cursor-expired`. */
  async read(workspaceId: string, after: Cursor | null, limit: number): Promise<EventBatch> {
    return this.readWhere('workspace', workspaceId, null, after, limit);
  }

  /** Events of one run or host, as `read`. */
  async readOf(workspaceId: string, resourceId: string, after: Cursor | null, limit: number): Promise<EventBatch> {
    return this.readWhere('resource', workspaceId, resourceId, after, limit);
  }

  /** The cursor of now. Ask before the list that it goes with: what commits after this call is read from there, some of the list perhaps again. */
  async head(_workspaceId: string): Promise<Cursor> {
    const { rows } = await this.database.sql.query<{ xid: number }>({
      name: 'event-head',
      text: 'SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xid',
    });
    return formatCursor({ xid: rows[0]?.xid ?? 0, seq: 0 });
  }

  /** Deletes events older than `days`, at most `limit` at once; answers how many. Cursors before the last of them expire. */
  async prune(sql: Sql, days: number, limit: number): Promise<number> {
    const { rowCount } = await sql.query(
      `WITH old AS (
         SELECT seq, xid FROM (SELECT seq, xid, at FROM event ORDER BY seq LIMIT $2) oldest WHERE at < now() - make_interval(days => $1)
       ), last AS (
         INSERT INTO event_horizon (id, xid, seq) SELECT 1, xid, seq FROM old ORDER BY xid DESC, seq DESC LIMIT 1
         ON CONFLICT (id) DO UPDATE SET xid = excluded.xid, seq = excluded.seq
          WHERE (event_horizon.xid, event_horizon.seq) < (excluded.xid, excluded.seq)
       )
       DELETE FROM event e USING old WHERE e.seq = old.seq`,
      [days, limit],
    );
    return rowCount ?? 0;
  }

  private async readWhere(
    which: 'workspace' | 'resource',
    workspaceId: string,
    resourceId: string | null,
    after: Cursor | null,
    limit: number,
  ): Promise<EventBatch> {
    const from = after === null ? BEGINNING : parseCursor(after);
    const mine = which === 'resource' ? 'e.workspace_id = $1 AND e.resource_id = $5' : 'e.workspace_id = $1';
    const { rows } = await this.database.sql.query<EventRow>({
      name: `event-read-${which}`,
      text: `
        WITH horizon AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xid),
        page AS (
          SELECT e.xid, e.seq, e.kind, e.resource_id, e.type, e.data, e.at
            FROM event e
           WHERE ${mine} AND (e.xid, e.seq) > ($2::bigint, $3::bigint) AND e.xid < (SELECT xid FROM horizon)
           ORDER BY e.xid, e.seq LIMIT $4)
        SELECT page.*, state.* FROM (
          SELECT EXISTS (SELECT 1 FROM event e WHERE ${mine} AND e.xid >= (SELECT xid FROM horizon)
                            AND (e.xid, e.seq) > ($2::bigint, $3::bigint)) AS pending,
                 EXISTS (SELECT 1 FROM event_horizon p WHERE (p.xid, p.seq) > ($2::bigint, $3::bigint)) AS expired
        ) AS state LEFT JOIN page ON true ORDER BY page.xid, page.seq`,
      values: which === 'resource' ? [workspaceId, from.xid, from.seq, limit, resourceId] : [workspaceId, from.xid, from.seq, limit],
    });
    const state = rows[0];
    if (after !== null && state?.expired) throw new BerthError('cursor-expired', 'events after this cursor are no longer kept: list again');
    const events: BerthEvent[] = [];
    let last = from;
    for (const row of rows) {
      if (row.xid === null || row.seq === null) continue;
      last = { xid: row.xid, seq: row.seq };
      events.push(toEvent(row, formatCursor(last)));
    }
    return { events, cursor: formatCursor(last), pending: state?.pending === true };
  }
}

/** What was appended by this code is parsed again: an event that an older version wrote must not reach a client in another form. */
function toEvent(row: EventRow, cursor: Cursor): BerthEvent {
  return berthEventSchema.parse({ type: row.type, kind: row.kind, id: row.resource_id, cursor, at: row.at.toISOString(), data: row.data });
}
