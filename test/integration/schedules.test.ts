/** Schedules against a whole api with a simulated host: each time is started once, whoever is up, and what is not started says why. */
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { type Run, runSchema } from '@berth/shared/model/run';
import { type Schedule, type ScheduleSpec, scheduleSchema, scheduleStartsSchema } from '@berth/shared/model/schedule';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';

let berth: Berth;
let client: BerthClient;
let replica: Replica;
let agent: SimulatedAgent;

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  replica = await startReplica(berth);
  ({ agent } = await addSimulatedHost(client, 'one'));
});
afterAll(async () => {
  agent?.close();
  await replica?.process.stop();
  await berth?.stop();
});

const path = (id = '', rest = '') => `${client.base}/schedules${id && `/${id}`}${rest}`;
const specOf = (spec: Partial<ScheduleSpec> & { image?: string }) => {
  const { image = 'hello-world', ...rest } = spec;
  return { cron: '* * * * * *', template: { spec: { image } }, ...rest };
};

async function ask<T extends z.ZodType>(schema: T, method: string, at: string, body?: unknown, headers?: Record<string, string>) {
  const answer = await client.send(method, at, body, headers);
  if (answer.status >= 300) throw new Error(`${method} ${at}: ${answer.status} ${answer.text}`);
  return schema.parse(JSON.parse(answer.text));
}
const refusedWith = async (method: string, at: string, body?: unknown, headers?: Record<string, string>) => {
  const answer = await client.send(method, at, body, headers);
  return {
    status: answer.status,
    ...z.object({ code: z.string(), detail: z.string(), errors: z.unknown() }).partial().parse(JSON.parse(answer.text)),
  };
};
const create = (name: string, spec: Parameters<typeof specOf>[0] = {}, labels = {}): Promise<Schedule> =>
  ask(scheduleSchema, 'POST', path(), { metadata: { name, labels }, spec: specOf(spec) });
const read = (id: string): Promise<Schedule> => ask(scheduleSchema, 'GET', path(id));
const steer = (id: string, how: 'pause' | 'resume') => ask(scheduleSchema, 'POST', path(id, `/${how}`));
const runsOf = async (id: string): Promise<Run[]> => (await ask(pageSchema(runSchema), 'GET', path(id, '/runs?limit=200'))).items;
const eventsOf = async (id: string) => (await ask(eventPageSchema, 'GET', path(id, '/events'))).items;
const remove = (id: string) => client.send('DELETE', path(id));

function reached(id: string, what: string, isSo: (schedule: Schedule) => boolean): Promise<Schedule> {
  let last: Schedule | undefined;
  return eventually(
    `the schedule to be ${what}`,
    async () => {
      last = await read(id);
      return isSo(last) && last;
    },
    () => last,
  );
}

it('starts a container every second, each time once with two apis, and close to its time', async () => {
  const schedule = await create('every-second', { keep: 100 });
  expect(schedule.status).toMatchObject({ lastAt: null, active: [], counts: { started: 0 }, message: expect.stringContaining('next on') });
  const { metadata } = await reached(schedule.metadata.id, 'started five times', ({ status }) => status.counts.started >= 5);
  const paused = await steer(metadata.id, 'pause');
  const runs = await runsOf(metadata.id);
  const times = runs.map(({ status }) => status.schedule?.scheduledAt ?? '');
  expect(runs).toHaveLength(paused.status.counts.started);
  expect(new Set(times).size).toBe(times.length);
  for (const run of runs) {
    expect(run.metadata.name).toBe('every-second');
    expect(run.status.schedule).toMatchObject({ id: metadata.id, name: 'every-second' });
    expect(run.spec.env).toEqual({ BERTH_SCHEDULED_AT: run.status.schedule?.scheduledAt });
    const late = Date.parse(run.metadata.createdAt) - Date.parse(run.status.schedule?.scheduledAt ?? '');
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(900);
  }
  const last = runs[0];
  if (!last) throw new Error('no run');
  expect((await client.waitRun(last.metadata.id)).status.phase).toBe('exited');
  expect((await eventsOf(metadata.id)).filter(({ data }) => 'change' in data && data.change === 'started')).toHaveLength(runs.length);
  const listed = await client.listRuns(`?schedule=${metadata.id}&phase=exited,queued,running`);
  expect(listed.items.length).toBe(runs.length);
});

it('is paused with the name of who did it, starts nothing then, and goes on when it is resumed', async () => {
  const { metadata } = await create('held', { paused: true });
  const held = await read(metadata.id);
  expect(held.status).toMatchObject({
    nextAt: null,
    pausedBy: expect.any(String),
    message: expect.stringMatching(/^paused by .*: it starts nothing/),
  });
  const resumed = await steer(metadata.id, 'resume');
  expect(resumed.status).toMatchObject({ pausedBy: null, nextAt: expect.any(String) });
  expect(resumed.spec).not.toHaveProperty('paused');
  await reached(metadata.id, 'started', ({ status }) => status.counts.started > 0);
  const paused = await steer(metadata.id, 'pause');
  expect((await steer(metadata.id, 'pause')).metadata.resourceVersion).toBe(paused.metadata.resourceVersion);
  const changes = (await eventsOf(metadata.id)).map(({ data }) => ('change' in data ? data.change : ''));
  expect(changes.filter((change) => change !== 'started')).toEqual(['created', 'resumed', 'paused']);
  await remove(metadata.id);
});

it('forbids a second run: the start is left out, and its status says because of which', async () => {
  const { metadata } = await create('forbids', { image: 'server' });
  const schedule = await reached(metadata.id, 'left out', ({ status }) => status.counts.skipped >= 2);
  expect(schedule.status).toMatchObject({ activeCount: 1, counts: { started: 1, missed: 0, refused: 0 } });
  expect(schedule.status.message).toMatch(/^next on .*; the start of \d\d:\d\d.* was left out: the run of \d\d:\d\d.* is still there$/);
  expect(await refusedWith('POST', path(metadata.id, '/run-now'))).toMatchObject({
    status: 409,
    code: 'conflict',
    detail: expect.stringContaining('still there'),
  });
  await remove(metadata.id);
  expect((await client.getRun(schedule.status.lastRunId ?? '')).status.schedule?.name).toBe('forbids');
});

it('allows runs beside each other, or replaces the one before', async () => {
  const [beside, instead] = await Promise.all([
    create('allows', { image: 'server', overlap: 'allow' }),
    create('replaces', { image: 'server', overlap: 'replace' }),
  ]);
  await reached(beside.metadata.id, 'there three times', ({ status }) => status.activeCount >= 3);
  await reached(instead.metadata.id, 'started three times', ({ status }) => status.counts.started >= 3);
  await Promise.all([steer(beside.metadata.id, 'pause'), steer(instead.metadata.id, 'pause')]);
  const { status } = await reached(instead.metadata.id, 'left with one', ({ status: { activeCount } }) => activeCount === 1);
  const runs = await runsOf(instead.metadata.id);
  expect(runs[0]?.metadata.id).toBe(status.lastRunId);
  expect(runs.slice(1).map((run) => run.status.phase)).toEqual(runs.slice(1).map(() => expect.stringMatching(/^(exited|cancelled)$/)));
  await Promise.all([beside, instead].map(({ metadata }) => remove(metadata.id)));
});

it('is run now, also while it is paused, once for a key', async () => {
  const { metadata } = await create('by-hand', { cron: '0 0 1 1 *', paused: true });
  const headers = { 'idempotency-key': 'now-1' };
  const run = await ask(runSchema, 'POST', path(metadata.id, '/run-now'), undefined, headers);
  expect(run.status.schedule).toEqual({ id: metadata.id, name: 'by-hand', scheduledAt: null });
  expect((await ask(runSchema, 'POST', path(metadata.id, '/run-now'), undefined, headers)).metadata.id).toBe(run.metadata.id);
  const { status } = await read(metadata.id);
  expect(status).toMatchObject({
    lastRunId: run.metadata.id,
    counts: { started: 1 },
    outcomes: [{ scheduledAt: null, outcome: 'started', runId: run.metadata.id }],
  });
});

it('keeps as many runs that have ended as it says, and removes the others', async () => {
  const { metadata } = await create('keeps-two', { keep: 2 });
  await reached(metadata.id, 'started six times', ({ status }) => status.counts.started >= 6);
  await steer(metadata.id, 'pause');
  const runs = await eventually(
    'two to be kept',
    async () => {
      const left = await runsOf(metadata.id);
      return left.length === 2 && left;
    },
    () => runsOf(metadata.id),
  );
  expect(runs[0]?.metadata.id).toBe((await read(metadata.id)).status.lastRunId);
});

it('makes up for one start that was missed while nothing was up, within its deadline; else it says that it was missed', async () => {
  const [patient, strict] = await Promise.all([
    create('patient', { cron: '*/2 * * * * *', startingDeadlineSeconds: 3600 }),
    create('strict', { cron: '*/5 * * * * *', startingDeadlineSeconds: 1 }),
  ]);
  await replica.process.stop();
  await berth.api.stop();
  const before = Date.now();
  // Two times of the strict one lie in it, and it is more than a second past the last of them.
  const away = 10_000 + 5000 - (before % 5000) + 2500;
  await eventually('the times to pass', () => Date.now() - before > away, undefined, 60_000);
  // The start of the api itself takes its time: what it finds is judged by when it looks.
  await berth.api.start();
  const made = await reached(patient.metadata.id, 'made up for', ({ status }) => status.counts.missed > 0);
  const makeUp = made.status.outcomes.find(({ message }) => message.includes('missed'));
  expect(makeUp).toMatchObject({ outcome: 'started', message: expect.stringMatching(/before it (was|were) missed$/) });
  const missed = await reached(strict.metadata.id, 'missed', ({ status }) => status.counts.missed > 0);
  expect(missed.status.counts.missed).toBeGreaterThanOrEqual(2);
  await Promise.all([patient, strict].map(({ metadata }) => remove(metadata.id)));
  await replica.process.start();
}, 180_000);

it('goes on with Redis emptied over and over', async () => {
  const redis = new Redis(berth.redis.url);
  const { metadata } = await create('without-redis');
  try {
    await reached(metadata.id, 'started four times', (schedule) => {
      void redis.flushall();
      return schedule.status.counts.started >= 4;
    });
    await redis.flushall();
    await steer(metadata.id, 'pause');
    for (const run of await runsOf(metadata.id)) expect((await client.waitRun(run.metadata.id)).status.phase).toBe('exited');
  } finally {
    redis.disconnect();
  }
});

it('says that a start was refused, as a run would be', async () => {
  const other = await berth.tenant('refused');
  const { agent: theirs } = await addSimulatedHost(other, 'small');
  const holder = await other.createRun({ image: 'server', ports: [{ containerPort: 80, hostPort: 8080 }] });
  await other.waitRun(holder.metadata.id, 'running');
  const template = { spec: { image: 'server', ports: [{ containerPort: 80, hostPort: 8080 }] } };
  const made = await other.send('POST', `${other.base}/schedules`, { metadata: { name: 'port' }, spec: { cron: '* * * * * *', template } });
  const { metadata } = scheduleSchema.parse(JSON.parse(made.text));
  const readTheirs = async () => scheduleSchema.parse(JSON.parse((await other.send('GET', `${other.base}/schedules/${metadata.id}`)).text));
  const refused = await eventually('a refused start', async () => {
    const now = await readTheirs();
    return now.status.counts.refused > 0 && now;
  });
  expect(refused.status.message).toMatch(/refused: Host port 8080\/tcp is held by run "server"/);
  // Once it is free the next one starts, and one that replaces waits for the port of the one before.
  await other.killRun(holder.metadata.id);
  await eventually('a start', async () => (await readTheirs()).status.counts.started > 0, readTheirs);
  const replacing = { spec: { cron: '* * * * * *', overlap: 'replace', template } };
  expect((await other.send('PATCH', `${other.base}/schedules/${metadata.id}`, replacing)).status).toBe(200);
  await eventually('starts in the place of others', async () => (await readTheirs()).status.counts.started >= 4, readTheirs);
  await other.send('DELETE', `${other.base}/schedules/${metadata.id}`);
  theirs.close();
});

it('is refused by field where its cron, its zone or its template is wrong', async () => {
  const body = (spec: object) => ({ metadata: { name: 'wrong' }, spec: specOf(spec) });
  expect(await refusedWith('POST', path(), body({ cron: '61 * * * *' }))).toMatchObject({
    status: 400,
    errors: [{ path: 'spec.cron', message: expect.stringContaining('minute: 61') }],
  });
  expect(await refusedWith('POST', path(), body({ cron: '0 0 30 2 *' }))).toMatchObject({
    errors: [{ path: 'spec.cron', message: expect.stringContaining('30 February') }],
  });
  expect(await refusedWith('POST', path(), body({ timeZone: 'Mars' }))).toMatchObject({ errors: [{ path: 'spec.timeZone' }] });
  expect(await refusedWith('POST', path(), body({ image: 'Hello World' }))).toMatchObject({
    errors: [{ path: 'spec.template.spec.image' }],
  });
});

it('shows the next five starts of what is only thought of, and stores nothing', async () => {
  const spec = specOf({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
  const answer = await client.send('POST', path('', '?dryRun=true'), { metadata: { name: 'thought-of' }, spec });
  expect(answer.status).toBe(200);
  const { starts, timeZone } = scheduleStartsSchema.parse(JSON.parse(answer.text));
  expect(timeZone).toBe('Europe/Berlin');
  expect(starts).toHaveLength(5);
  expect(starts.toSorted()).toEqual(starts);
  expect((await ask(pageSchema(scheduleSchema), 'GET', path('', '?name=thought'))).items).toEqual([]);
});

it('is found by name and label in pages, changed as a whole, and its name is its own', async () => {
  const made: Schedule[] = [];
  for (const name of ['page-a', 'page-b', 'page-c']) made.push(await create(name, { cron: '@yearly' }, { team: name }));
  const first = await ask(pageSchema(scheduleSchema), 'GET', path('', '?name=page-&limit=2'));
  expect(first.items.map(({ metadata }) => metadata.name)).toEqual(['page-c', 'page-b']);
  const second = await ask(pageSchema(scheduleSchema), 'GET', path('', `?name=page-&limit=2&cursor=${first.next}`));
  expect(second).toMatchObject({ items: [{ metadata: { name: 'page-a' } }], next: null });
  expect((await ask(pageSchema(scheduleSchema), 'GET', path('', '?label=team=page-b'))).items).toHaveLength(1);
  expect(await refusedWith('POST', path(), { metadata: { name: 'page-a' }, spec: specOf({}) })).toMatchObject({
    status: 409,
    code: 'conflict',
  });

  const { id, resourceVersion } = made[0]?.metadata ?? { id: '', resourceVersion: '' };
  const change = { spec: specOf({ cron: '@monthly', timeZone: 'Asia/Tokyo' }), metadata: { labels: { team: 'x' } } };
  const changed = await ask(scheduleSchema, 'PATCH', path(id), change, { 'if-match': `"${resourceVersion}"` });
  expect(changed).toMatchObject({ spec: { cron: '@monthly' }, metadata: { labels: { team: 'x' }, generation: 2 } });
  expect(changed.status.message).toContain('Asia/Tokyo');
  expect(await refusedWith('PATCH', path(id), change, { 'if-match': `"${resourceVersion}"` })).toMatchObject({ status: 412 });
  expect((await remove(id)).status).toBe(204);
  expect((await client.send('GET', path(id))).status).toBe(404);
});
