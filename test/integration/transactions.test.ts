/** Statements that the commit does not wait for, on the real database: what fails among them still fails the whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../apps/api/src/persistence/database.ts';
import { eventually } from '../support/eventually.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Database;
beforeAll(async () => {
  database = new Database({ url: await freshDatabase(), poolSize: 2 });
  await database.sql.query('CREATE TABLE note (id int PRIMARY KEY)');
});
afterAll(() => database?.onApplicationShutdown());

const notes = async () => (await database.sql.query<{ id: number }>('SELECT id FROM note ORDER BY id')).rows.map(({ id }) => id);

describe('a transaction', () => {
  it('commits what it deferred', async () => {
    await database.transaction(async (sql, defer) => {
      defer(sql.query('INSERT INTO note VALUES (1)'));
      defer(sql.query('INSERT INTO note VALUES (2)'));
    });
    expect(await notes()).toEqual([1, 2]);
  });

  it('keeps nothing where a deferred statement fails, and says which error it was', async () => {
    const failing = database.transaction(async (sql, defer) => {
      defer(sql.query('INSERT INTO note VALUES (3)'));
      defer(sql.query('INSERT INTO note VALUES (1)'));
      defer(sql.query('INSERT INTO note VALUES (4)'));
    });
    // Postgres answers the statements after the failure, and even the commit: the first error is the one that tells.
    await expect(failing).rejects.toThrow(/duplicate key/);
    expect(await notes()).toEqual([1, 2]);
  });

  it('is not taken for committed where a failure went unnoticed', async () => {
    const swallowing = database.transaction(async (sql) => {
      await sql.query('INSERT INTO note VALUES (5)');
      await sql.query('INSERT INTO note VALUES (1)').catch(() => undefined);
    });
    await expect(swallowing).rejects.toThrow('rolled back');
    expect(await notes()).toEqual([1, 2]);
  });

  it('leaves a connection that works behind, whatever failed in it', async () => {
    for (let i = 0; i < 5; i++) {
      const thrown = database.transaction(async (sql, defer) => {
        defer(sql.query('INSERT INTO note VALUES (6)'));
        throw new Error('changed my mind');
      });
      await expect(thrown).rejects.toThrow('changed my mind');
    }
    expect(await notes()).toEqual([1, 2]);
  });

  it('fails where its connection breaks between two of its statements, and nothing else does', async () => {
    const broken = database.transaction(async (sql) => {
      const { rows } = await sql.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.sql.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      await eventually('its session to be gone', async () => {
        const { rows: left } = await database.sql.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [rows[0]?.pid]);
        return left.length === 0;
      });
      // As long as the connection takes to be heard of.
      await eventually('the next statement to fail', () =>
        sql.query('INSERT INTO note VALUES (7)').then(
          () => false,
          () => true,
        ),
      );
      return sql.query('SELECT 1');
    });
    await expect(broken).rejects.toThrow();
    expect(await notes()).toEqual([1, 2]);
  });
});
