/** Statements that the commit does not wait for, on the real database: what fails among them still fails the whole. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../apps/api/src/persistence/database.ts';
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
});
