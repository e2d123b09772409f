/** What runs used: samples, and their means over a minute and an hour, which are kept for longer. */
import type { Point, Step } from '@berth/shared/http/stats';
import type { Sample } from '@berth/shared/model/sample';
import { Injectable } from '@nestjs/common';
import { Database } from './database.ts';

/** How long the points of each step are kept. */
const KEPT: Record<Step, string> = { 10: '1 day', 60: '7 days', 3600: '1 year' };
/** Points are made anew from so far back: what came late is in them. */
const REMADE: Record<60 | 3600, string> = { 60: '10 minutes', 3600: '3 hours' };
const PRUNED_AT_ONCE = 20_000;

export interface SampledAttempt {
  attemptId: string;
  runId: string;
  workspaceId: string;
}

export interface NewSample extends Sample {
  runId: string;
}

interface PointRow {
  run_id: string;
  at: Date;
  cpu_millis: number;
  cpu_millis_max: number;
  memory_bytes: number;
  memory_bytes_max: number;
  received_bytes: number;
  sent_bytes: number;
  read_bytes: number;
  written_bytes: number;
  pids: number;
}

@Injectable()
export class SampleRepository {
  constructor(private readonly database: Database) {}

  /** Of these attempts, those that are the host's own: an agent speaks of no others (law L8). */
  async ofHost(hostId: string, attemptIds: readonly string[]): Promise<SampledAttempt[]> {
    const { rows } = await this.database.sql.query<{ id: string; run_id: string; workspace_id: string }>({
      name: 'sample-attempts',
      text: 'SELECT id, run_id, workspace_id FROM attempt WHERE host_id = $1 AND id = ANY($2)',
      values: [hostId, attemptIds],
    });
    return rows.map((row) => ({ attemptId: row.id, runId: row.run_id, workspaceId: row.workspace_id }));
  }

  /** The present attempts of runs, by their hosts: who is to be asked for live samples. */
  async attemptsOf(workspaceId: string, runIds: readonly string[]): Promise<Map<string, string[]>> {
    const { rows } = await this.database.sql.query<{ host_id: string; ids: string[] }>({
      name: 'sample-hosts',
      text: `SELECT a.host_id, array_agg(a.id) AS ids FROM run r JOIN attempt a ON a.id = r.attempt_id
              WHERE r.workspace_id = $1 AND r.id = ANY($2) AND NOT a.released GROUP BY a.host_id`,
      values: [workspaceId, runIds],
    });
    return new Map(rows.map((row) => [row.host_id, row.ids]));
  }

  /** Those of a run that is gone are left out. */
  async insert(samples: readonly NewSample[]): Promise<void> {
    await this.database.sql.query({
      name: 'sample-insert',
      text: `
        INSERT INTO run_sample (run_id, step, at, cpu_millis, cpu_millis_max, memory_bytes, memory_bytes_max, received_bytes, sent_bytes,
                                read_bytes, written_bytes, pids)
        SELECT u."runId", 10, u.at, u."cpuMillis", u."cpuMillis", u."memoryBytes", u."memoryBytes", u."receivedBytes", u."sentBytes",
               u."readBytes", u."writtenBytes", u.pids
          FROM json_to_recordset($1::json) AS u("runId" text, at timestamptz, "cpuMillis" real, "memoryBytes" float8, "receivedBytes" float8,
               "sentBytes" float8, "readBytes" float8, "writtenBytes" float8, pids real)
         WHERE EXISTS (SELECT 1 FROM run WHERE id = u."runId")
        ON CONFLICT DO NOTHING`,
      values: [JSON.stringify(samples)],
    });
  }

  async points(runId: string, step: Step, since: Date, until: Date): Promise<Point[]> {
    const { rows } = await this.database.sql.query<PointRow>({
      name: 'sample-points',
      text: 'SELECT * FROM run_sample WHERE run_id = $1 AND step = $2 AND at >= $3 AND at <= $4 ORDER BY at LIMIT 20000',
      values: [runId, step, since, until],
    });
    return rows.map((row) => ({ ...toSample(row), cpuMillisMax: row.cpu_millis_max, memoryBytesMax: row.memory_bytes_max }));
  }

  /** The last minutes of the newest runs that run. */
  async latest(workspaceId: string, minutes: number, mostRuns: number): Promise<{ run: string; points: Sample[] }[]> {
    const { rows } = await this.database.sql.query<PointRow>({
      name: 'sample-latest',
      text: `WITH running AS (
               SELECT id FROM run WHERE workspace_id = $1 AND stage = 'live' AND phase = 'running' AND deleted_at IS NULL ORDER BY id DESC LIMIT $3)
             SELECT s.* FROM running r JOIN run_sample s ON s.run_id = r.id AND s.step = 10 AND s.at > now() - make_interval(mins => $2)
              ORDER BY s.run_id, s.at`,
      values: [workspaceId, minutes, mostRuns],
    });
    const items = new Map<string, Sample[]>();
    for (const row of rows) {
      const points = items.get(row.run_id);
      if (points) points.push(toSample(row));
      else items.set(row.run_id, [toSample(row)]);
    }
    return [...items].map(([run, points]) => ({ run, points }));
  }

  /** Means over a minute and an hour, and away with what is kept no longer. One process at a time; the others do nothing. */
  async rollUp(): Promise<void> {
    await this.database.transaction(async (sql) => {
      const { rows } = await sql.query<{ mine: boolean }>("SELECT pg_try_advisory_xact_lock(hashtextextended('samples', 0)) AS mine");
      if (rows[0]?.mine !== true) return;
      for (const [from, to] of [
        [10, 60],
        [60, 3600],
      ] as const) {
        await sql.query(
          `INSERT INTO run_sample (run_id, step, at, cpu_millis, cpu_millis_max, memory_bytes, memory_bytes_max, received_bytes, sent_bytes,
                                   read_bytes, written_bytes, pids)
           SELECT run_id, $2::int, date_bin(make_interval(secs => $2::int), at, 'epoch'), avg(cpu_millis), max(cpu_millis_max), avg(memory_bytes),
                  max(memory_bytes_max), avg(received_bytes), avg(sent_bytes), avg(read_bytes), avg(written_bytes), avg(pids)
             FROM run_sample
            WHERE step = $1 AND at >= date_bin(make_interval(secs => $2::int), now() - $3::interval, 'epoch')
            GROUP BY run_id, 3
           ON CONFLICT (run_id, step, at) DO UPDATE
              SET cpu_millis = excluded.cpu_millis, cpu_millis_max = excluded.cpu_millis_max, memory_bytes = excluded.memory_bytes,
                  memory_bytes_max = excluded.memory_bytes_max, received_bytes = excluded.received_bytes, sent_bytes = excluded.sent_bytes,
                  read_bytes = excluded.read_bytes, written_bytes = excluded.written_bytes, pids = excluded.pids`,
          [from, to, REMADE[to]],
        );
      }
      for (const [step, kept] of Object.entries(KEPT)) {
        await sql.query(
          `DELETE FROM run_sample WHERE ctid = ANY (ARRAY(
             SELECT ctid FROM run_sample WHERE step = $1 AND at < now() - $2::interval LIMIT $3))`,
          [Number(step), kept, PRUNED_AT_ONCE],
        );
      }
    });
  }
}

/** The finest step whose points are still kept for that time, and not more of them than a chart can show. */
export function stepFor(since: Date, until: Date, now: Date): Step {
  const age = (now.getTime() - since.getTime()) / 1000;
  const span = (until.getTime() - since.getTime()) / 1000;
  if (age < 86_400 && span <= 4 * 3600) return 10;
  return age < 7 * 86_400 && span <= 36 * 3600 ? 60 : 3600;
}

const toSample = (row: PointRow): Sample => ({
  at: row.at.toISOString(),
  cpuMillis: row.cpu_millis,
  memoryBytes: row.memory_bytes,
  receivedBytes: row.received_bytes,
  sentBytes: row.sent_bytes,
  readBytes: row.read_bytes,
  writtenBytes: row.written_bytes,
  pids: row.pids,
});
