/** What a host is to be told is found without a look at what it ran before, however much that is. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Database } from '../../apps/api/src/persistence/database.ts';
import { DispatchRepository } from '../../apps/api/src/persistence/dispatch-repository.ts';
import { storeRuns } from '../bench/stored-runs.ts';
import { freshDatabase } from '../support/postgres.ts';

const STORED = 30_000;

let database: Database;
beforeAll(async () => {
  const url = await freshDatabase();
  // One connection: it is asked what it has read.
  database = new Database({ url, poolSize: 1 });
  await database.sql.query("INSERT INTO workspace (id, name, slug) VALUES ('ws_a', 'a', 'a')");
  await database.sql.query("INSERT INTO host (id, workspace_id, name, public_key) VALUES ('host_a', 'ws_a', 'web-1', 'key')");
  await storeRuns(url, { workspace: 'a', runs: STORED });
  // One that came since the statistics were made, as every host of a fleet that grows.
  await database.sql.query("INSERT INTO host (id, workspace_id, name, public_key) VALUES ('host_b', 'ws_a', 'web-2', 'another key')");
}, 120_000);
afterAll(() => database?.onApplicationShutdown());

async function rowsRead(): Promise<number> {
  await database.sql.query('SELECT pg_stat_force_next_flush()');
  const { rows } = await database.sql.query<{ n: number }>(
    "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint AS n FROM pg_stat_user_tables WHERE relname IN ('run', 'attempt')",
  );
  return rows[0]?.n ?? Number.NaN;
}

it('reads the attempts that have changed, and their runs', async () => {
  const dispatch = new DispatchRepository(database);
  const told = await database.sql.query<{ id: string }>("SELECT id FROM attempt WHERE host_id = 'host_a' ORDER BY id LIMIT 3");
  await dispatch.markChanged(
    database.sql,
    told.rows.map(({ id }) => id),
    { restart: true },
  );
  // Postgres makes the plan that it keeps after five.
  for (let time = 0; time < 7; time++) {
    const before = await rowsRead();
    const changed = await dispatch.changedSince([
      { hostId: 'host_a', base: 0 },
      { hostId: 'host_b', base: 0 },
    ]);
    expect(changed.map((host) => host && host.put.length + host.drop.length)).toEqual([3, 0]);
    expect((await rowsRead()) - before).toBeLessThan(100);
  }
});
