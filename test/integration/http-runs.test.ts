/** The contract of the routes of runs, as far as no host is needed for it. */
import { runSchema } from '@berth/shared/model/run';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';

let berth: Berth;
let client: BerthClient;
let runs: string;

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  runs = `${client.base}/runs`;
});
afterAll(() => berth?.stop());

const problemOf = (answer: { text: string }) => JSON.parse(answer.text);

test('a run is created with what was asked, named after its image, and says why it waits', async () => {
  const answer = await client.send('POST', runs, {
    metadata: { labels: { team: 'web' } },
    spec: {
      image: 'ghcr.io/team/hello-world:1.2',
      stopSignal: 'int',
      ports: [{ containerPort: 80 }],
      resources: { cpu: '500m', memory: '64Mi' },
    },
  });
  expect(answer.status).toBe(201);
  const run = runSchema.parse(JSON.parse(answer.text));
  expect(answer.headers.get('location')).toBe(`${runs}/${run.metadata.id}`);
  expect(answer.headers.get('etag')).toBe('"1"');
  expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(run.metadata).toMatchObject({ name: 'hello-world', workspace: 'default', labels: { team: 'web' } });
  expect(run.spec).toMatchObject({ stopSignal: 'SIGINT', ports: [{ containerPort: 80, protocol: 'tcp' }] });
  expect(run.status).toMatchObject({ phase: 'queued', waiting: { reason: 'waiting-for-placement' }, attempts: [] });
  expect((await client.getRun(run.metadata.id)).spec).toEqual(run.spec);
});

test('bad input is refused with the place and the mend, all of it at once', async () => {
  const answer = await client.send('POST', runs, {
    metdata: {},
    spec: {
      image: 'Hello World',
      comand: ['x'],
      env: { A: 1 },
      ports: [{ containerPort: 99_999, hostport: 3 }],
      resources: { memory: '1Ki' },
    },
  });
  expect(answer.status).toBe(400);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  const { errors, code } = problemOf(answer);
  expect(code).toBe('invalid-request');
  const byPath = Object.fromEntries(errors.map((error: { path: string; message: string }) => [error.path, error.message]));
  expect(byPath['spec.image']).toContain('white space');
  expect(byPath['spec.comand']).toBe('"comand" is not a field here; did you mean "command"?');
  expect(byPath.metdata).toContain('did you mean "metadata"?');
  expect(byPath['spec.ports.0.hostport']).toContain('did you mean "hostPort"?');
  expect(byPath['spec.env.A']).toBe('must be of type string, is number');
  expect(byPath['spec.resources.memory']).toContain('at least 6Mi');
});

test.each([
  ['a body that is not JSON', '{bad', 'application/json', 400, 'invalid-request'],
  ['a body of another type', 'image=busybox', 'application/x-www-form-urlencoded', 415, 'unsupported-media-type'],
  ['plain text', 'busybox', 'text/plain', 415, 'unsupported-media-type'],
  ['a body over 1 MiB', JSON.stringify({ spec: { image: 'x'.repeat(1_100_000) } }), 'application/json', 413, 'too-large'],
  ['no spec', '{}', 'application/json', 400, 'invalid-request'],
  ['a NUL character', JSON.stringify({ spec: { image: 'busybox', args: ['a\u0000b'] } }), 'application/json', 400, 'invalid-request'],
])('%s is refused', async (_what, body, type, status, code) => {
  const response = await fetch(`${client.account.url}${runs}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${client.account.token}`, 'content-type': type },
    body,
  });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ code, status });
});

test('one bad run among many at once does not fail the others', async () => {
  const specs = Array.from({ length: 40 }, (_, index) => ({ image: 'busybox', args: [index === 20 ? 'a\u0000b' : 'ok'] }));
  const answers = await Promise.all(specs.map((spec) => client.send('POST', runs, { spec })));
  expect(answers.filter((answer) => answer.status === 201)).toHaveLength(39);
  expect(answers.filter((answer) => answer.status === 400)).toHaveLength(1);
});

test('the same Idempotency-Key and body make one run, however often and at once; another body is refused', async () => {
  const create = (image: string) => client.createRun({ image }, { idempotencyKey: 'once' });
  const made = await Promise.all(Array.from({ length: 8 }, () => create('busybox')));
  expect(new Set(made.map((run) => run.metadata.id)).size).toBe(1);
  expect((await problemFrom(create('alpine'))).code).toBe('idempotency-key-reused');
  const other = await client.send('POST', `${runs}/${made[0]?.metadata.id}/stop`, undefined, { 'idempotency-key': 'once' });
  expect(other.status).toBe(422);
});

test('lists page by cursor, newest first or oldest first, with nothing twice and nothing left out', async () => {
  const labels = { suite: 'paging' };
  const made: string[] = [];
  for (let number = 0; number < 5; number++)
    made.push((await client.createRun({ image: 'busybox' }, { name: `page-${number}`, labels })).metadata.id);
  const seen = async (order: string) => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await client.listRuns(`?label=suite=paging&limit=2${order}${cursor && `&cursor=${cursor}`}`);
      ids.push(...page.items.map((run) => run.metadata.id));
      cursor = page.next;
    }
    return ids;
  };
  expect(await seen('')).toEqual(made.toReversed());
  expect(await seen('&order=oldest')).toEqual(made);
});

test('lists filter on the server', async () => {
  const run = await client.createRun({ image: 'ghcr.io/team/filter_me:7' }, { name: 'needle', labels: { kind: 'x' } });
  const found = async (query: string) => (await client.listRuns(query)).items.map((item) => item.metadata.id);
  expect(await found('?image=filter_me')).toEqual([run.metadata.id]);
  expect(await found('?image=filterXme')).toEqual([]);
  expect(await found('?name=need&phase=queued')).toEqual([run.metadata.id]);
  expect(await found('?name=need&phase=running,exited')).toEqual([]);
  expect(await found('?label=kind')).toEqual([run.metadata.id]);
  expect(await found('?label=kind=y')).toEqual([]);
  expect((await problemFrom(client.listRuns('?phase=runing'))).errors?.[0]?.path).toBe('phase');
  expect((await problemFrom(client.listRuns('?limit=201'))).errors?.[0]?.path).toBe('limit');
  expect((await problemFrom(client.listRuns('?fase=queued'))).detail).toContain('did you mean "phase"?');
});

test('what cannot be read, or would be passed over, is refused as a problem', async () => {
  const refused = async (path: string) => problemOf(await client.send('GET', path)).detail;
  expect(await refused('/v1/%ff')).toContain('not a valid url');
  expect(await refused(`${runs}/${'a'.repeat(200)}`)).toContain('param length');
  expect(await refused(`${runs}?cursor=elsewhere`)).toContain('must be the "next" of a page');
  expect(await refused(`${runs}?watch=true&phase=queued`)).toContain('is not for a watch');
  expect(problemOf(await client.send('POST', runs, [])).detail).toContain('the body: must be of type object');
});

test('a queued run is cancelled at once by a stop; a stop again changes nothing; then it is deleted', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const stopped = runSchema.parse(JSON.parse((await client.stopRun(id)).text));
  expect(stopped.status).toMatchObject({ phase: 'cancelled', reason: 'cancelled', waiting: null, exitCode: null, attempts: [] });
  expect(stopped.status.finishedAt).not.toBeNull();
  expect(stopped.status.phaseTimes.cancelled).toBeDefined();
  const again = runSchema.parse(JSON.parse((await client.killRun(id)).text));
  expect(again).toEqual(stopped);
  const events = JSON.parse((await client.send('GET', `${runs}/${id}/events`)).text).items.map((event: { type: string }) => event.type);
  expect(events.filter((type: string) => type !== 'run.waiting')).toEqual(['run.created', 'run.requested', 'run.phase']);
  expect((await client.deleteRun(id)).status).toBe(204);
  const requests = [client.getRun(id), client.stopRun(id), client.deleteRun(id), client.logs(id), client.waitRun(id)];
  expect((await Promise.all(requests.map(problemFrom))).map((problem) => problem.status)).toEqual([404, 404, 404, 404, 404]);
});

test('an active run is not deleted unless by force', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const refused = await problemFrom(client.deleteRun(id));
  expect(refused).toMatchObject({ code: 'conflict', status: 409 });
  expect(refused.detail).toContain('stop it first');
  expect((await client.deleteRun(id, true)).status).toBe(204);
  expect((await problemFrom(client.getRun(id))).status).toBe(404);
});

test('If-Match refuses a change that is meant for another version', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const stale = await client.send('POST', `${runs}/${id}/stop`, undefined, { 'if-match': '"0"' });
  expect(stale.status).toBe(412);
  expect((await client.getRun(id)).status.phase).toBe('queued');
});

test('a run is renamed and relabelled, whatever its phase; who did it is in its events, and what changes nothing leaves no trace', async () => {
  const { id } = (await client.createRun({ image: 'busybox' }, { labels: { team: 'blue', stage: 'one' } })).metadata;
  const change = (metadata: unknown, version?: string) =>
    client.send('PATCH', `${runs}/${id}`, { metadata }, version === undefined ? {} : { 'if-match': `"${version}"` });
  const { resourceVersion } = (await client.getRun(id)).metadata;
  expect((await change({ name: 'too-late' }, '0')).status).toBe(412);
  const renamed = await change({ name: 'needle-two' });
  expect(renamed.status).toBe(200);
  const run = runSchema.parse(JSON.parse(renamed.text));
  expect(run.metadata).toMatchObject({ name: 'needle-two', labels: { team: 'blue', stage: 'one' }, generation: 1 });
  expect(renamed.headers.get('etag')).toBe(`"${run.metadata.resourceVersion}"`);
  expect(run.metadata.resourceVersion).not.toBe(resourceVersion);

  await client.stopRun(id);
  expect((await change({ labels: { team: 'red' } })).status).toBe(200);
  expect((await change({ name: 'needle-two', labels: { team: 'red' } })).status).toBe(200);
  expect((await client.listRuns('?label=team=red')).items.map((item) => item.metadata)).toMatchObject([{ id, labels: { team: 'red' } }]);
  const events = JSON.parse((await client.send('GET', `${runs}/${id}/events`)).text).items;
  const updates = events.filter((event: { type: string }) => event.type === 'run.updated');
  expect(updates.map((event: { data: unknown }) => event.data)).toEqual([
    { actor: expect.stringMatching(/^token:/), name: { from: 'busybox', to: 'needle-two' } },
    { actor: expect.stringMatching(/^token:/), labels: { team: 'red' } },
  ]);
});

test.each([
  ['a name that is none', { metadata: { name: 'Not A Name' } }, 'metadata.name'],
  ['a label key that is none', { metadata: { labels: { '-': 'x' } } }, 'metadata.labels.-'],
  ['nothing to change', { metadata: {} }, 'metadata'],
  ['a spec, which never changes', { metadata: { name: 'ok' }, spec: { image: 'nginx' } }, 'spec'],
])('a change with %s is refused at its place', async (_what, body, path) => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const answer = await client.send('PATCH', `${runs}/${id}`, body);
  expect(answer.status).toBe(400);
  expect(problemOf(answer).errors.map((error: { path: string }) => error.path)).toContain(path);
  // Not the version: that moves too when the scheduler looks at the run.
  expect((await client.getRun(id)).metadata).toMatchObject({ name: 'busybox', labels: {} });
});

test('a run that has not been placed has no pull yet, in JSON and as text; an attempt that it never had is not found', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const json = await client.send('GET', `${runs}/${id}/pull`);
  expect(JSON.parse(json.text)).toEqual({ attempt: null, pull: null, lines: [] });
  const text = await client.send('GET', `${runs}/${id}/pull`, undefined, { accept: 'text/plain' });
  expect([text.status, text.headers.get('content-type'), text.text]).toEqual([200, 'text/plain; charset=utf-8', '']);
  expect((await client.send('GET', `${runs}/${id}/pull?attempt=2`)).status).toBe(404);
});

test('wait answers 408 with the run as it is when the time is up', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const answer = await client.send('GET', `${runs}/${id}/wait?timeout=0.2`);
  expect(answer.status).toBe(408);
  expect(runSchema.parse(JSON.parse(answer.text)).status.phase).toBe('queued');
});

test('wait answers as soon as the end is there, for many waiters at once', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  const waiting = Array.from({ length: 20 }, () => client.send('GET', `${runs}/${id}/wait?timeout=30`));
  await client.stopRun(id);
  const answers = await Promise.all(waiting);
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  expect((await client.waitRun(id, 'running')).status.phase).toBe('cancelled');
});

test('the log of a run that never ran is empty, and ends at once when followed', async () => {
  const { id } = (await client.createRun({ image: 'busybox' })).metadata;
  await client.stopRun(id);
  expect(await client.logs(id)).toBe('');
  expect(await client.logs(id, '?follow=true')).toBe('');
});
