/** Many runs of one template, against a whole api with a simulated host. */
import { pageSchema } from '@berth/shared/http/lists';
import { listedRunArraySchema, type RunArray, runArraySchema } from '@berth/shared/model/run-array';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';

let berth: Berth;
let client: BerthClient;
let agent: SimulatedAgent;

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  ({ agent } = await addSimulatedHost(client, 'one'));
});
afterAll(async () => {
  agent?.close();
  await berth?.stop();
});

const path = (id = '', rest = '') => `${client.base}/run-arrays${id && `/${id}`}${rest}`;
const read = async (id: string): Promise<RunArray> => runArraySchema.parse(JSON.parse((await client.send('GET', path(id))).text));
const codeOf = (text: string) => z.object({ code: z.string(), detail: z.string() }).parse(JSON.parse(text));

function reached(id: string, what: string, isSo: (status: RunArray['status']) => boolean): Promise<RunArray> {
  let last: RunArray | undefined;
  return eventually(
    `the array to be ${what}`,
    async () => {
      last = await read(id);
      return isSo(last.status) && last;
    },
    () => last?.status,
    60_000,
  );
}

it('gives each run its index and its parameters, and says how they ended', async () => {
  const parameters = [{ CITY: 'Ulm' }, { CITY: 'Bonn' }, { CITY: 'Kiel' }];
  const made = await client.createRunArray('cities', {
    parameters,
    template: { labels: { team: 'maps' }, spec: { image: 'hello-world', args: ['draw', `--city=$\{{ parameters.CITY }}`] } },
  });
  expect(made.status).toMatchObject({ state: 'running', total: 3, failures: [] });
  const { metadata, status } = await reached(made.metadata.id, 'over', ({ state }) => state !== 'running');
  expect(status).toMatchObject({ state: 'succeeded', message: 'all 3 have ended: 3 succeeded', counts: { succeeded: 3, deleted: 0 } });
  const { items } = await client.listRuns(`?array=${metadata.id}&order=oldest`);
  expect(items.map((run) => run.status.array)).toEqual([0, 1, 2].map((index) => ({ id: metadata.id, name: 'cities', index })));
  expect(items.map((run) => run.spec.args)).toEqual(parameters.map(({ CITY }) => ['draw', `--city=${CITY}`]));
  expect(items[1]).toMatchObject({
    metadata: { name: 'cities', labels: { team: 'maps' } },
    spec: { env: { CITY: 'Bonn', BERTH_ARRAY_ID: metadata.id, BERTH_ARRAY_INDEX: '1', BERTH_ARRAY_COUNT: '3' } },
  });
  expect((await client.listRuns(`?array=${metadata.id}&phase=failed`)).items).toEqual([]);
});

it('runs no more at once than it says, is cancelled as a whole, and deleted with its runs', async () => {
  const { metadata } = await client.createRunArray('servers', { count: 30, parallelism: 4, template: { spec: { image: 'server' } } });
  const running = await reached(metadata.id, 'running', ({ counts }) => counts.running === 4);
  expect(running.status.message).toBe('0 of 30 have ended; 4 run, 26 wait, at most 4 at once');
  const first = (await client.listRuns(`?array=${metadata.id}&order=oldest&limit=1`)).items[0];
  await client.killRun(first?.metadata.id ?? '');
  const next = await reached(metadata.id, 'at its fifth', ({ counts }) => counts.running + counts.queued === 29 && counts.running === 4);
  expect(next.status).toMatchObject({ counts: { failed: 1 }, failures: [{ index: 0, runId: first?.metadata.id }] });

  const early = await client.send('DELETE', path(metadata.id));
  expect(early.status).toBe(409);
  expect(codeOf(early.text).detail).toContain('29 of its runs have not ended');
  expect((await client.send('POST', path(metadata.id, '/cancel'))).status).toBe(200);
  const over = await reached(metadata.id, 'cancelled', ({ state }) => state === 'cancelled');
  expect(over.status.counts).toMatchObject({ queued: 0, running: 0, cancelled: 25 });
  expect(over.status.message).toMatch(/^cancelled by .*: all 30 have ended: .*25 cancelled/);
  expect((await client.send('DELETE', path(metadata.id))).status).toBe(204);
  expect((await client.send('GET', path(metadata.id))).status).toBe(404);
  await eventually(
    'its runs to be gone',
    async () => (await client.listRuns(`?array=${metadata.id}`)).items.length === 0,
    () => client.listRuns(`?array=${metadata.id}`),
  );
});

it('of ten thousand runs is stored at once, and what was asked of it is carried on after an api was killed', async () => {
  const { metadata } = await client.createRunArray('many', { count: 10_000, parallelism: 1, template: { spec: { image: 'server' } } });
  expect((await read(metadata.id)).status.total).toBe(10_000);
  await client.send('POST', path(metadata.id, '/cancel'));
  await berth.api.kill();
  await berth.api.start();
  const { status } = await reached(metadata.id, 'cancelled', ({ state }) => state === 'cancelled');
  expect(status.counts.queued + status.counts.running).toBe(0);
  await client.send('DELETE', path(metadata.id, '?force=true'));
}, 180_000);

it('is refused by field: references to nothing, no count, two turns', async () => {
  const make = (spec: Parameters<BerthClient['createRunArray']>[1]) => problemFrom(client.createRunArray('wrong', spec));
  const template = { spec: { image: 'hello-world' } };
  expect(await make({ parameters: [{ A: '1' }], template: { spec: { image: 'x', env: { E: `$\{{ parameters.B }}` } } } })).toMatchObject({
    status: 400,
    errors: [{ path: 'spec.template.spec.env.E', message: expect.stringContaining('which has A') }],
  });
  expect(await make({ template })).toMatchObject({ errors: [{ path: 'spec.count' }] });
  expect(await make({ count: 2, parameters: [{ A: '1' }], template })).toMatchObject({ errors: [{ path: 'spec.count' }] });
  expect(await make({ count: 10_001, template })).toMatchObject({ errors: [{ path: 'spec.count' }] });
  expect(await make({ count: 1, template: { spec: { image: 'x', concurrency: { key: 'k', limit: 1 } } } })).toMatchObject({
    errors: [{ path: 'spec.template.spec.concurrency' }],
  });
  expect(await make({ parameters: [{ BERTH_ARRAY_ID: 'x' }], template })).toMatchObject({ status: 400 });
});

it('is made once for a key, and found by its name', async () => {
  const body = { metadata: { name: 'keyed', labels: { a: 'b' } }, spec: { count: 2, template: { spec: { image: 'hello-world' } } } };
  const send = () => client.send('POST', path(), body, { 'idempotency-key': 'array-1' });
  const [one, two] = [await send(), await send()];
  expect(runArraySchema.parse(JSON.parse(two.text)).metadata.id).toBe(runArraySchema.parse(JSON.parse(one.text)).metadata.id);
  const listed = async (query: string) =>
    pageSchema(listedRunArraySchema).parse(JSON.parse((await client.send('GET', path('', query))).text)).items;
  const found = await listed('?name=key&label=a=b');
  expect(found.map(({ metadata }) => metadata.name)).toEqual(['keyed']);
  // Megabytes of parameters are read with their array, not with a page of arrays.
  const parameters = [{ CITY: 'Bonn' }, { CITY: 'Ulm' }];
  const { metadata, spec } = await client.createRunArray('towns', { parameters, template: { spec: { image: 'hello-world' } } });
  expect((await read(metadata.id)).spec).toEqual({ ...spec, parameters });
  expect((await listed('?name=towns')).map((array) => array.spec)).toEqual([{ template: spec.template }]);
});
