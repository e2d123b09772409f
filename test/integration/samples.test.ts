/** What runs used is kept ever more coarsely: on the real database. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { Database } from '../../apps/api/src/persistence/database.ts';
import { SampleRepository } from '../../apps/api/src/persistence/sample-repository.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Database;
let samples: SampleRepository;
beforeAll(async () => {
  database = new Database({ url: await freshDatabase(), poolSize: 2 });
  samples = new SampleRepository(database);
});
afterAll(() => database?.onApplicationShutdown());

const rowSchema = z.object({ step: z.number(), points: z.number(), most: z.number(), least: z.number() });

it('means over a minute and an hour are made of samples, once each, and samples of the day before are gone', async () => {
  // Every ten seconds of the last five minutes, and of five minutes two days ago: from 0 to 290 thousandths of a core.
  await database.sql.query(
    `INSERT INTO run_sample (run_id, step, at, cpu_millis, cpu_millis_max, memory_bytes, memory_bytes_max, received_bytes, sent_bytes,
                             read_bytes, written_bytes, pids)
     SELECT 'run_1', 10, now() - age - n * interval '10 seconds', n * 10, n * 10, 1, 1, 0, 0, 0, 0, 1
       FROM generate_series(0, 29) n, (VALUES (interval '0'), (interval '2 days')) AS ages(age)`,
  );
  // Twice: what is made anew takes the place of what was there.
  await samples.rollUp();
  await samples.rollUp();
  const { rows } = await database.sql.query(
    `SELECT step::int AS step, count(*)::int AS points, max(cpu_millis_max)::float8 AS most, min(cpu_millis)::float8 AS least
       FROM run_sample GROUP BY step ORDER BY step`,
  );
  const [ten, minute, hour] = rows.map((row) => rowSchema.parse(row));
  expect(ten).toEqual({ step: 10, points: 30, most: 290, least: 0 });
  expect(minute).toMatchObject({ step: 60, most: 290 });
  expect([5, 6]).toContain(minute?.points);
  expect(hour).toMatchObject({ step: 3600, most: 290 });
  expect([1, 2]).toContain(hour?.points);
});
