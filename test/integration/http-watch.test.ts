import { berthEventSchema } from '@berth/shared/events/event';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { openServerSentEvents, type ServerSentEvents } from '../support/server-sent-events.ts';

let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth?.stop());

const watch = (query: string, headers: Record<string, string> = {}) =>
  openServerSentEvents(`${berth.url}${berth.client.base}/runs?watch=true${query}`, {
    authorization: `Bearer ${berth.client.account.token}`,
    ...headers,
  });

/** Until all of these runs were created. */
async function createdUntil(events: ServerSentEvents, wanted: readonly string[]): Promise<{ ids: string[]; cursor: string }> {
  const ids: string[] = [];
  for (;;) {
    const event = berthEventSchema.parse((await events.next()).data);
    if (event.type === 'run.created') ids.push(event.id);
    if (wanted.every((id) => ids.includes(id))) return { ids, cursor: event.cursor };
  }
}

const createMany = async (count: number) =>
  (await Promise.all(Array.from({ length: count }, () => berth.client.createRun({ image: 'busybox' })))).map((run) => run.metadata.id);

test('a watch from the cursor of a list misses nothing that came after it, and one that breaks off resumes with nothing twice', async () => {
  const { cursor } = await berth.client.listRuns('?limit=1');
  const first = await createMany(30);
  const before = await watch(`&after=${cursor}`);
  const seen = await createdUntil(before, first);
  before.close();
  expect(seen.ids.toSorted()).toEqual(first.toSorted());

  const second = await createMany(30);
  const after = await watch(`&after=${seen.cursor}`);
  expect((await createdUntil(after, second)).ids.toSorted()).toEqual(second.toSorted());
  after.close();

  // As a browser's EventSource does it: the old address, and where it was in a header.
  const resumed = await watch(`&after=${cursor}`, { 'last-event-id': seen.cursor });
  expect((await createdUntil(resumed, second)).ids.toSorted()).toEqual(second.toSorted());
  resumed.close();
});

test('a watch without a cursor begins now', async () => {
  await createMany(3);
  const events = await watch('');
  const later = await createMany(1);
  expect((await createdUntil(events, later)).ids).toEqual(later);
  events.close();
});

test('a cursor that Berth never gave out is refused, not answered with silence', async () => {
  await expect(watch('&after=nonsense')).rejects.toThrow(/400/);
});

test('the api ends with its watchers still there', async () => {
  const events = await watch('');
  // Events of the runs before may still come; the watch is over once reading throws.
  const readToTheEnd = async () => {
    for (;;) await events.next();
  };
  const ended = readToTheEnd().catch((error: Error) => error.message);
  await berth.api.stop();
  expect(await ended).toMatch(/ended|terminated/);
  await berth.api.start();
});
