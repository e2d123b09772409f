/** The scheduler's hosts, of which only what has changed is read: they are those of a whole reading, whichever transactions commit in between. */
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { Database } from '../../apps/api/src/persistence/database.ts';
import { HostsByChange, readHosts } from '../../apps/api/src/persistence/placement-hosts.ts';
import { freshDatabase } from '../support/postgres.ts';

const HOSTS = 9;
const WRITERS = 3;

let database: Database;
let writers: pg.Client[];
beforeAll(async () => {
  const url = await freshDatabase();
  database = new Database({ url, poolSize: 2 });
  await database.sql.query("INSERT INTO workspace (id, name, slug) VALUES ('ws_a', 'a', 'a'), ('ws_b', 'b', 'b')");
  writers = Array.from({ length: WRITERS }, () => new pg.Client({ connectionString: url }));
  await Promise.all(writers.map((writer) => writer.connect()));
});
afterAll(async () => {
  await Promise.all(writers.map((writer) => writer.end()));
  await database?.onApplicationShutdown();
});
beforeEach(async () => {
  await database.sql.query('DELETE FROM host');
  await database.sql.query(
    `INSERT INTO host (id, workspace_id, name, public_key)
     SELECT 'host_' || n, CASE WHEN n < ${HOSTS} THEN 'ws_a' ELSE 'ws_b' END, 'web-' || n, 'key ' || n FROM generate_series(0, ${HOSTS}) n`,
  );
});

/** A reading, and how many hosts were read for it. */
async function counted(hosts: HostsByChange) {
  let rows = 0;
  const counting = new Proxy(database.sql, {
    get: (sql, key) =>
      key !== 'query'
        ? Reflect.get(sql, key)
        : async (statement: pg.QueryConfig) => {
            const answer = await sql.query(statement);
            if (statement.name?.startsWith('placement-hosts')) rows += answer.rows.length;
            return answer;
          },
  });
  return { hosts: await hosts.read(counting, 'ws_a'), rows };
}
const byId = (hosts: { id: string }[]) => hosts.toSorted((a, b) => a.id.localeCompare(b.id));

it('reads a host again only when it has changed', async () => {
  const hosts = new HostsByChange();
  expect(await counted(hosts)).toMatchObject({ hosts: { length: HOSTS }, rows: HOSTS });
  await database.sql.query("UPDATE host SET cordoned = true WHERE id = 'host_3'");
  await counted(hosts);
  await database.sql.query("UPDATE host SET cordoned = true WHERE id = 'host_4'");
  const last = await counted(hosts);
  expect(last.hosts.filter(({ cordoned }) => cordoned)).toHaveLength(2);
  expect(last.rows).toBe(1);
});

it('does not read a host again for an assignment, a confirmation or a heartbeat', async () => {
  const hosts = new HostsByChange();
  await counted(hosts);
  await database.sql.query('UPDATE host SET generation = generation + 1, acked_generation = generation');
  await database.sql.query("UPDATE host SET last_seen_at = now(), engine_ready = engine_ready, images = '{}', clock_offset_ms = 1");
  expect(await counted(hosts)).toMatchObject({ hosts: { length: HOSTS }, rows: 0 });
  await database.sql.query("UPDATE host SET engine_ready = true, images = '{busybox:latest}' WHERE id = 'host_5'");
  const last = await counted(hosts);
  expect(last.rows).toBe(1);
  expect(last.hosts.find(({ images }) => images.length > 0)?.id).toBe('host_5');
});

it('sees what a transaction did that had begun before the last reading, and ended after it', async () => {
  const hosts = new HostsByChange();
  const early = writers[0] as pg.Client;
  await early.query('BEGIN; UPDATE host SET labels = \'{"by":"early"}\' WHERE id = \'host_1\'');
  await database.sql.query('UPDATE host SET labels = \'{"by":"late"}\' WHERE id = \'host_2\'');
  const labels = async () => Object.fromEntries((await hosts.read(database.sql, 'ws_a')).map((host) => [host.id, host.labels]));
  expect(await labels()).toMatchObject({ host_1: {}, host_2: { by: 'late' } });
  await database.sql.query('UPDATE host SET labels = \'{"by":"later"}\' WHERE id = \'host_2\'');
  expect(await labels()).toMatchObject({ host_1: {}, host_2: { by: 'later' } });
  await early.query('COMMIT');
  expect(await labels()).toMatchObject({ host_1: { by: 'early' }, host_2: { by: 'later' } });
});

it('is what a whole reading is, whatever is begun, changed, committed and rolled back in between', async () => {
  const step = fc.record({
    writer: fc.nat({ max: WRITERS - 1 }),
    does: fc.constantFrom('begin', 'change', 'savepoint', 'commit', 'rollback', 'remove', 'return', 'read', 'read'),
    host: fc.nat({ max: HOSTS / WRITERS - 1 }),
    value: fc.nat({ max: 99 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const hosts = new HostsByChange();
      const same = async () => expect(byId(await hosts.read(database.sql, 'ws_a'))).toEqual(byId(await readHosts(database.sql, 'ws_a')));
      for (const { writer, does, host, value } of steps) {
        const connection = writers[writer];
        // Each has its own hosts: none waits for another's lock.
        const id = `host_${writer + host * WRITERS}`;
        if (does === 'read') await same();
        // Beginning or ending a transaction twice is a warning only.
        if (does === 'begin' || does === 'commit' || does === 'rollback') await connection?.query(does);
        if (does === 'change') await connection?.query(`UPDATE host SET cpu_millis = ${value} WHERE id = '${id}'`);
        if (does === 'remove') await connection?.query(`UPDATE host SET removed_at = now() WHERE id = '${id}'`);
        if (does === 'return') await connection?.query(`UPDATE host SET removed_at = NULL WHERE id = '${id}'`);
        if (does === 'savepoint') {
          await connection?.query(`BEGIN; SAVEPOINT s; UPDATE host SET memory_bytes = ${value} WHERE id = '${id}'; RELEASE s`);
        }
      }
      await Promise.all(writers.map((connection) => connection.query('COMMIT')));
      await same();
    }),
    { numRuns: 60 },
  );
});
