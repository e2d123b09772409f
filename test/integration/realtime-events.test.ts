/** The order of events against transactions that commit out of order (DESIGN §7), on the real repository. */
import type { Cursor } from '@berth/shared/events/event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database, type Sql } from '../../apps/api/src/persistence/database.ts';
import { EventRepository } from '../../apps/api/src/persistence/event-repository.ts';
import { freshDatabase } from '../support/postgres.ts';

let database: Database;
let events: EventRepository;

beforeAll(async () => {
  database = new Database({ url: await freshDatabase(), poolSize: 5 });
  events = new EventRepository(database);
});
afterAll(() => database?.onApplicationShutdown());

const append = (sql: Sql, workspaceId: string, run: string) =>
  events.append(sql, [{ workspaceId, type: 'run.created', id: run, data: { name: run, image: 'hello-world', actor: 'test' } }]);

/** A transaction that has appended and is not committed until told to. */
async function begun(workspaceId: string, run: string): Promise<{ commit: () => Promise<void> }> {
  const appended = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const done = database.transaction(async (sql) => {
    await append(sql, workspaceId, run);
    appended.resolve();
    await told.promise;
  });
  await appended.promise;
  return {
    commit: async () => {
      told.resolve();
      await done;
    },
  };
}

const read = async (workspaceId: string, after: Cursor | null) => {
  const batch = await events.read(workspaceId, after, 100);
  return { ids: batch.events.map(({ id }) => id), cursor: batch.cursor, pending: batch.pending };
};

describe('events', () => {
  it('of a transaction that commits late are not lost to a reader that has seen a later one commit', async () => {
    const start = await events.head('ws_1');
    const early = await begun('ws_1', 'early');
    const late = await begun('ws_1', 'late');
    await late.commit();
    const between = await read('ws_1', start);
    expect(between).toMatchObject({ ids: [], pending: true });
    await early.commit();
    const after = await read('ws_1', between.cursor);
    expect(after).toMatchObject({ ids: ['early', 'late'], pending: false });
    expect(await read('ws_1', after.cursor)).toMatchObject({ ids: [], cursor: after.cursor });
  });

  it('are read once and in one order, however a reader is cut into pages', async () => {
    await database.transaction(async (sql) => {
      for (let n = 0; n < 25; n++) await append(sql, 'ws_2', `run-${n}`);
    });
    const seen: string[] = [];
    let cursor: Cursor | null = null;
    for (;;) {
      const page = await events.read('ws_2', cursor, 7);
      if (page.events.length === 0) break;
      seen.push(...page.events.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `run-${n}`));
  });

  it('after the cursor of now are all that commit after it was asked for, also of transactions that had begun before', async () => {
    const before = await begun('ws_3', 'begun-before');
    const cursor = await events.head('ws_3');
    await before.commit();
    await append(database.sql, 'ws_3', 'begun-after');
    expect((await read('ws_3', cursor)).ids).toEqual(['begun-before', 'begun-after']);
  });

  it('of another workspace are not seen', async () => {
    await append(database.sql, 'ws_4', 'theirs');
    expect((await read('ws_5', null)).ids).toEqual([]);
  });

  it('that were pruned make older cursors expire, and leave newer ones as they are', async () => {
    await append(database.sql, 'ws_6', 'old');
    const old = await read('ws_6', null);
    await database.sql.query("UPDATE event SET at = now() - interval '8 days' WHERE workspace_id = 'ws_6'");
    await append(database.sql, 'ws_6', 'new');
    await database.transaction((sql) => events.prune(sql, 7, 100));
    await expect(read('ws_6', '1.1')).rejects.toMatchObject({ code: 'cursor-expired' });
    expect((await read('ws_6', old.cursor)).ids).toEqual(['new']);
    expect((await read('ws_6', null)).ids).toEqual(['new']);
  });
});
