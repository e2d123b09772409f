/** Apply and export over HTTP, on a real database: what is made, changed, left alone, pruned and refused. */
import { type Problem, problemSchema } from '@berth/shared/errors/problem';
import { type ApplyAnswer, applyAnswerSchema } from '@berth/shared/http/manifests';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, createClient } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { startMirror } from '../support/registry.ts';

let berth: Berth;
let client: BerthClient;
beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
});
afterAll(() => berth?.stop());

interface Options {
  type?: string;
  headers?: Record<string, string>;
  as?: BerthClient;
}

async function post(text: string, query = '', { type = 'application/yaml', headers = {}, as = client }: Options = {}) {
  const response = await fetch(`${berth.url}${as.base}/apply${query}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${as.account.token}`, 'content-type': type, ...headers },
    body: text,
  });
  return { status: response.status, body: await response.json() };
}

async function apply(text: string, query = '', options: Options = {}): Promise<ApplyAnswer> {
  const { status, body } = await post(text, query, options);
  expect(status, JSON.stringify(body)).toBe(200);
  return applyAnswerSchema.parse(body);
}

async function refused(text: string, query = '', options: Options = {}): Promise<Problem> {
  const { status, body } = await post(text, query, options);
  expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
  return problemSchema.parse(body);
}

const actions = ({ steps }: ApplyAnswer) => steps.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
const run = (name: string, rest = '', labels = 'app: shop') =>
  `kind: Run\nmetadata: { name: ${name}, labels: { ${labels} } }\nspec:\n  image: busybox\n${rest}---\n`;
const registry = (name: string, username: string, password?: string) =>
  `kind: Registry\nmetadata: { name: ${name}, labels: { app: shop } }\nspec: { server: ${name}.example.com, username: ${username}${password ? `, password: ${password}` : ''} }\n---\n`;
const named = async (name: string) => (await client.listRuns(`?name=${name}`)).items.filter(({ metadata }) => metadata.name === name);

async function rows(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const database = new pg.Client({ connectionString: berth.databaseUrl });
  await database.connect();
  try {
    return (await database.query(sql, values)).rows;
  } finally {
    await database.end();
  }
}

test('a dry run says what would be done and writes nothing; the apply does it; again there is nothing to do', async () => {
  const text = run('first', '  env: { A: "1" }\n') + registry('one', 'me', 's3cret-one');
  const dry = await apply(text, '?dryRun=true');
  expect(dry).toMatchObject({ dryRun: true, warnings: [] });
  expect(actions(dry)).toEqual(['create Registry one', 'create Run first']);
  expect(JSON.stringify(dry)).not.toContain('s3cret');
  expect(await named('first')).toEqual([]);
  expect(await rows("SELECT * FROM applied_manifest WHERE name IN ('first', 'one')")).toEqual([]);

  const done = await apply(text);
  expect(actions(done)).toEqual(actions(dry));
  const [made] = await named('first');
  expect(made).toMatchObject({ metadata: { labels: { app: 'shop' } }, spec: { image: 'busybox', env: { A: '1' } } });
  expect(done.steps[1]?.id).toBe(made?.metadata.id);
  // Never where it could be read: neither in what is remembered nor in the answer.
  expect(JSON.stringify(await rows('SELECT document FROM applied_manifest'))).not.toContain('s3cret');

  expect(actions(await apply(text))).toEqual(['unchanged Registry one', 'unchanged Run first']);
  expect(await named('first')).toHaveLength(1);
});

test('JSON is read as well, and a Compose file by the same route', async () => {
  const json = JSON.stringify([{ kind: 'Run', metadata: { name: 'by-json' }, spec: { image: 'busybox' } }]);
  expect(actions(await apply(json, '', { type: 'application/json' }))).toEqual(['create Run by-json']);
  const compose = `services:\n  job:\n    image: busybox:\${TAG:-latest}\n    restart: "no"\n    env_file: job.env\n`;
  const body = JSON.stringify({ files: { 'compose.yaml': compose, 'job.env': 'A=1\n' } });
  expect(actions(await apply(body, '', { type: 'application/json' }))).toEqual(['create Run job']);
  expect((await named('job'))[0]?.spec).toMatchObject({ image: 'busybox:latest', env: { A: '1' } });
  const unknown = await refused('services:\n  web:\n    image: nginx\n    container_name: web\n    build: .\n');
  expect(unknown.errors).toEqual([
    expect.objectContaining({ path: 'services.web.container_name', line: 4 }),
    expect.objectContaining({ path: 'services.web.build', line: 5 }),
  ]);
});

test('three ways: what REST changed beside the manifest stays, what the manifest drops goes, what both changed is shown', async () => {
  await apply(run('three', '', 'app: shop, stage: one'));
  const [before] = await named('three');
  const id = before?.metadata.id ?? '';
  await client.send('PATCH', `${client.base}/runs/${id}`, { metadata: { labels: { app: 'other', stage: 'one', owner: 'ada' } } });
  const [step] = (await apply(run('three'))).steps;
  expect(step).toMatchObject({ action: 'update', id });
  expect(step?.changes).toEqual([
    { path: 'metadata.labels.app', from: '"other"', to: '"shop"', conflict: expect.stringContaining('changed since') },
    { path: 'metadata.labels.stage', from: '"one"', to: null },
  ]);
  expect((await client.getRun(id)).metadata.labels).toEqual({ app: 'shop', owner: 'ada' });
});

test('another spec of a run is another run, and the one before is stopped', async () => {
  await apply(run('again'));
  const [before] = await named('again');
  const [step] = (await apply(run('again', '  args: [ls]\n'))).steps;
  expect(step).toMatchObject({ action: 'create', changes: [{ path: 'spec.args', from: null, to: '["ls"]' }] });
  const now = await named('again');
  expect(now).toHaveLength(2);
  expect(now.find(({ metadata }) => metadata.id === before?.metadata.id)?.status.phase).toBe('cancelled');
  expect(actions(await apply(run('again', '  args: [ls]\n')))).toEqual(['unchanged Run again']);
});

test('credentials: another user is written, the password stays where it is not named, and is demanded where there is none', async () => {
  expect((await refused(registry('two', 'me'))).errors).toEqual([expect.objectContaining({ path: 'documents.0.spec.password', line: 3 })]);
  await apply(registry('two', 'me', 's3cret-two'));
  const [step] = (await apply(registry('two', 'you'))).steps;
  expect(step).toMatchObject({ action: 'update', changes: [{ path: 'spec.username', from: '"me"', to: '"you"' }] });
  expect(actions(await apply(registry('two', 'you', 's3cret-two')))).toEqual(['unchanged Registry two']);
  expect((await apply(registry('two', 'you', 'other'))).steps[0]?.changes).toEqual([{ path: 'spec.password', from: '"•••"', to: '"•••"' }]);
  const taken = await refused(registry('two', 'x', 'y').replace('name: two', 'name: three'));
  expect(taken).toMatchObject({ code: 'conflict', errors: [{ document: 1, line: 1 }] });
});

test('prune deletes what has the labels and was applied before; nothing else', async () => {
  const labels = 'app: pruned';
  await apply(run('keep', '', labels) + run('drop', '', labels) + registry('pruned', 'me', 'x').replace('app: shop', labels));
  const theirs = await client.createRun({ image: 'busybox' }, { name: 'theirs', labels: { app: 'pruned' } });
  const dry = await apply(run('keep', '', labels), '?prune=app=pruned&dryRun=true');
  expect(actions(dry)).toEqual(['unchanged Run keep', 'delete Run drop', 'delete Registry pruned']);
  expect(await named('drop')).toHaveLength(1);
  expect(actions(await apply(run('keep', '', labels), '?prune=app=pruned'))).toEqual(actions(dry));
  expect(await named('drop')).toEqual([]);
  expect((await client.getRun(theirs.metadata.id)).metadata.name).toBe('theirs');
  // Applied again it is made again.
  expect(actions(await apply(run('drop', '', labels)))).toEqual(['create Run drop']);
  expect(await named('drop')).toHaveLength(1);
  expect((await refused(run('keep'), '?prune=app')).errors).toEqual([expect.objectContaining({ path: 'prune' })]);
});

test('what is wrong is refused whole, with document and line, and nothing is written', async () => {
  const problem = await refused(`${run('fine')}kind: Run\nmetadata: { name: bad }\nspec:\n  image: busybox\n  comand: [x]\n`);
  expect(problem).toMatchObject({ code: 'invalid-request', status: 400 });
  expect(problem.errors).toEqual([
    {
      path: 'documents.1.spec.comand',
      message: 'line 10: "comand" is not a field here; did you mean "command"?',
      document: 2,
      line: 10,
      column: 3,
    },
  ]);
  expect(await named('fine')).toEqual([]);
  expect((await refused('kind: Service\nmetadata: { name: x }\n\tspec: 1\n')).errors?.[0]?.message).toContain('a tab');
  expect((await refused('')).code).toBe('invalid-request');
  expect(await refused(`# ${'x'.repeat(2 ** 20)}\n`)).toMatchObject({ code: 'too-large', status: 413 });
  expect(await refused('a=1', '', { type: 'application/x-www-form-urlencoded' })).toMatchObject({ status: 415 });
  expect((await client.send('POST', `${client.base}/runs`, undefined, { 'content-type': 'application/yaml' })).status).toBe(415);
});

test('the same Idempotency-Key answers what the first one did; another body with it is refused', async () => {
  const headers = { 'idempotency-key': 'apply-once' };
  const first = await apply(run('once'), '', { headers });
  expect(actions(first)).toEqual(['create Run once']);
  expect(await apply(run('once'), '', { headers })).toEqual(first);
  expect(await refused(run('twice'), '', { headers })).toMatchObject({ code: 'idempotency-key-reused' });
});

test('applies at once make one run', async () => {
  const answers = await Promise.all(Array.from({ length: 6 }, () => apply(run('at-once'))));
  expect(new Set(answers.map(({ steps }) => steps[0]?.id)).size).toBe(1);
  expect(await named('at-once')).toHaveLength(1);
});

test('an apply that was cut short before it remembered what it made finds it again', async () => {
  await apply(run('cut-short'));
  await rows("DELETE FROM applied_manifest WHERE name = 'cut-short'");
  expect(actions(await apply(run('cut-short')))).toEqual(['unchanged Run cut-short']);
  expect(await named('cut-short')).toHaveLength(1);
  // And one that somebody has deleted since is made anew.
  const [made] = await named('cut-short');
  await rows("DELETE FROM applied_manifest WHERE name = 'cut-short'");
  await client.deleteRun(made?.metadata.id ?? '', true);
  expect(actions(await apply(run('cut-short')))).toEqual(['create Run cut-short']);
});

test('what fails on the way says what was done and what was not, and an apply again goes on from there', async () => {
  // A row that the database does not take: no check before can see it.
  await rows(
    `CREATE FUNCTION refuse_b() RETURNS trigger AS $$ BEGIN IF NEW.name = 'way-b' THEN RAISE EXCEPTION 'no' USING ERRCODE = '57P03'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql`,
  );
  await rows('CREATE TRIGGER refuse_b BEFORE INSERT ON run FOR EACH ROW EXECUTE FUNCTION refuse_b()');
  const text = run('way-a') + run('way-b') + run('way-c');
  const problem = await refused(text);
  expect(problem).toMatchObject({ code: 'unavailable', status: 503 });
  expect(problem.detail).toContain('Run "way-b": ');
  expect(problem.detail).toContain('Done before it: Run "way-a" (create). Not done: Run "way-b" (create), Run "way-c" (create).');
  expect(problem.steps?.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['way-a done', 'way-b failed', 'way-c not-done']);
  await rows('DROP TRIGGER refuse_b ON run');
  expect(actions(await apply(text))).toEqual(['unchanged Run way-a', 'create Run way-b', 'create Run way-c']);
});

test('an export applies to the same', async () => {
  const elsewhere = await berth.tenant('exporter');
  const made = await elsewhere.createRun(
    {
      image: 'busybox',
      env: { A: 'yes', B: '012' },
      args: ['a: b', 'on'],
      ports: [{ containerPort: 80 }],
      resources: { cpu: '0.5', memory: '64Mi' },
    },
    { name: 'exported', labels: { app: 'x' } },
  );
  const credentials = await elsewhere.createRegistry({ server: 'ghcr.io', username: 'me', password: 's3cret-export' });
  const text = async (path: string, accept?: string) => {
    const answer = await elsewhere.send('GET', `${elsewhere.base}/${path}`, undefined, accept ? { accept } : {});
    expect(answer.status, answer.text).toBe(200);
    return answer;
  };
  const all = await text('export');
  expect(all.headers.get('content-type')).toBe('application/yaml; charset=utf-8');
  expect(all.text).not.toContain('s3cret');
  expect(actions(await apply(all.text, '?dryRun=true', { as: elsewhere }))).toEqual([
    'unchanged Registry ghcr.io',
    'unchanged Run exported',
  ]);
  const one = await text(`runs/${made.metadata.id}/manifest`);
  expect(actions(await apply(one.text, '', { as: elsewhere }))).toEqual(['unchanged Run exported']);
  const asJson = await text(`registries/${credentials.metadata.id}/manifest`, 'application/json');
  expect(JSON.parse(asJson.text)).toEqual({ kind: 'Registry', metadata: { name: 'ghcr.io' }, spec: { server: 'ghcr.io', username: 'me' } });
  expect((await text('export?kinds=Registry')).text).not.toContain('kind: Run');
  expect((await elsewhere.send('GET', `${elsewhere.base}/export?kinds=Pod`)).status).toBe(400);
  // In another workspace it makes the same anew.
  expect(actions(await apply(one.text, '?dryRun=true', { as: await berth.tenant('importer') }))).toEqual(['create Run exported']);
});

test('a service: made, changed field by field, and told by its own planner what that comes to', async () => {
  const service = (rest: string) => `kind: Service
metadata: { name: web, labels: { app: shop } }
spec:
  replicas: 2
  template: { spec: { image: busybox, ${rest} } }
`;
  const first = await apply(service('env: { A: "1" }'), '?dryRun=true');
  expect(first.steps[0]).toMatchObject({ action: 'create', plan: expect.stringMatching(/2 started/) });
  const [made] = (await apply(service('env: { A: "1" }'))).steps;
  expect(actions(await apply(service('env: { A: "1" }')))).toEqual(['unchanged Service web']);
  // Somebody scales it, and adds what the manifest does not name: the one is taken back, the other stays.
  const path = `${client.base}/services/${made?.id}`;
  const spec = { replicas: 3, template: { spec: { image: 'busybox', env: { A: '1', B: '2' } } } };
  expect((await client.send('PATCH', path, { spec })).status).toBe(200);
  const [step] = (await apply(service('env: { A: "3" }'), '?dryRun=true')).steps;
  expect(step).toMatchObject({ action: 'update', plan: expect.stringMatching(/started/) });
  expect(step?.changes).toEqual([
    { path: 'spec.replicas', from: '3', to: '2', conflict: expect.stringContaining('changed since') },
    { path: 'spec.template.spec.env.A', from: '"1"', to: '"3"' },
  ]);
  await apply(service('env: { A: "3" }'));
  expect(JSON.parse((await client.send('GET', path)).text).spec).toEqual({
    replicas: 2,
    template: { spec: { image: 'busybox', env: { A: '3', B: '2' } } },
  });
  const exported = await client.send('GET', `${path}/manifest`);
  expect(actions(await apply(exported.text, '?dryRun=true'))).toEqual(['unchanged Service web']);
  expect(actions(await apply(run('beside-web'), '?prune=app=shop&dryRun=true'))).toContain('delete Service web');
});

test('a volume: made before what has it, labelled, where it lies is not changed, and no prune takes it', async () => {
  const elsewhere = await berth.tenant('volumes');
  const volume = (labels: string, spec = '') => `kind: Volume\nmetadata: { name: data, labels: { ${labels} } }\n${spec}---\n`;
  const text = run('uses-it', '  volumes: [{ volume: data, target: /data }]\n') + volume('app: shop');
  expect(actions(await apply(text, '', { as: elsewhere }))).toEqual(['create Volume data', 'create Run uses-it']);
  expect(actions(await apply(text, '', { as: elsewhere }))).toEqual(['unchanged Volume data', 'unchanged Run uses-it']);
  expect(actions(await apply(volume('app: shop, tier: db'), '', { as: elsewhere }))).toEqual(['update Volume data']);
  const moved = await refused(volume('app: shop', 'spec: { host: elsewhere }\n'), '', { as: elsewhere });
  expect(moved.errors).toEqual([
    expect.objectContaining({ path: 'documents.0.spec.host', line: 3, message: expect.stringContaining('cannot be changed') }),
  ]);
  const pruned = await apply(run('other', '', 'a: b'), '?prune=app=shop&dryRun=true', { as: elsewhere });
  expect(actions(pruned)).toEqual(['create Run other', 'delete Run uses-it']);
  expect(pruned.warnings).toEqual([expect.stringContaining('Volume "data" is not in the manifest any more')]);
  const exported = await elsewhere.send('GET', `${elsewhere.base}/export?kinds=Volume`);
  expect(actions(await apply(exported.text, '?dryRun=true', { as: elsewhere }))).toEqual(['unchanged Volume data']);
});

test('a schedule: made, changed, and told when it starts next; its cron is checked before anything is written', async () => {
  const elsewhere = await berth.tenant('schedules');
  const schedule = (cron: string) => `kind: Schedule
metadata: { name: nightly, labels: { app: shop } }
spec:
  cron: "${cron}"
  template: { spec: { image: busybox } }
`;
  expect((await refused(schedule('61 * * * *'), '', { as: elsewhere })).errors).toEqual([
    expect.objectContaining({ path: 'documents.0.spec.cron', line: 4 }),
  ]);
  const [made] = (await apply(schedule('0 3 * * *'), '', { as: elsewhere })).steps;
  expect(made).toMatchObject({ action: 'create', plan: expect.stringContaining('Starts next at ') });
  expect(actions(await apply(schedule('0 3 * * *'), '', { as: elsewhere }))).toEqual(['unchanged Schedule nightly']);
  const [changed] = (await apply(schedule('0 4 * * *'), '', { as: elsewhere })).steps;
  expect(changed).toMatchObject({ action: 'update', changes: [{ path: 'spec.cron', from: '"0 3 * * *"', to: '"0 4 * * *"' }] });
  const exported = await elsewhere.send('GET', `${elsewhere.base}/schedules/${made?.id}/manifest`);
  expect(actions(await apply(exported.text, '?dryRun=true', { as: elsewhere }))).toEqual(['unchanged Schedule nightly']);
  expect(actions(await apply(run('last', '', 'a: b'), '?prune=app=shop', { as: elsewhere }))).toEqual([
    'create Run last',
    'delete Schedule nightly',
  ]);
});

test("another workspace's token finds nothing to apply to, and nothing of it is seen", async () => {
  const stranger = await berth.tenant('outsider');
  const asStranger = createClient({ ...client.account, token: stranger.account.token });
  expect((await post(run('intruder'), '', { as: asStranger })).status).toBe(404);
  await apply(run('mine'));
  expect(actions(await apply(run('mine'), '?dryRun=true', { as: stranger }))).toEqual(['create Run mine']);
});

describe('with a host', () => {
  let engine: Engine;
  let mirror: RegistryPart;
  beforeAll(async () => {
    mirror = await startMirror();
    engine = await startEngine({ mirror: mirror.url });
    await berth.startAgent({ engine, name: 'web-1', client: await berth.tenant('hosted') });
  });
  afterAll(async () => {
    await engine?.destroy();
    await mirror?.stop();
  });

  test('what others wait for is waited for: a run begins once the one before has ended with 0; one that fails stops the rest', async () => {
    const hosted = await berth.tenant('hosted');
    const compose = (code: number) => `services:
  migrate: { image: busybox, command: [sh, -c, "exit ${code}"], restart: "no" }
  after: { image: busybox, command: ["true"], restart: "no", depends_on: { migrate: { condition: service_completed_successfully } } }
`;
    const dry = await apply(compose(0), '?dryRun=true', { as: hosted });
    expect(dry.steps[1]?.plan).toBe('It is begun once Run "migrate" has ended with 0.');
    const done = await apply(compose(0), '', { as: hosted });
    expect(actions(done)).toEqual(['create Run migrate', 'create Run after']);
    const [migrate, after] = await Promise.all(done.steps.map(({ id }) => hosted.waitRun(id ?? '')));
    expect(migrate?.status.finishedAt?.localeCompare(after?.metadata.createdAt ?? '')).toBeLessThanOrEqual(0);
    const late = await refused(compose(4).replaceAll('migrate', 'other').replaceAll('after', 'late'), '', { as: hosted });
    expect(late).toMatchObject({ code: 'conflict', status: 409 });
    expect(late.detail).toContain('Run "late": it waits until Run "other" has ended with 0, which is not so: it has ended');
    expect(late.steps?.at(-1)).toMatchObject({ name: 'late', outcome: 'failed' });
  });

  test('a Compose file: what waits until its database is healthy begins then, and both are services', async () => {
    const hosted = await berth.tenant('hosted');
    const compose = `name: stack
services:
  app: { image: busybox, command: [sh, -c, "exec sleep 600"], restart: always, stop_signal: SIGKILL, depends_on: { db: { condition: service_healthy } } }
  db:
    image: busybox
    command: [sh, -c, "sleep 1; touch /tmp/ready; exec sleep 600"]
    restart: always
    stop_signal: SIGKILL
    healthcheck: { test: [CMD, test, -e, /tmp/ready], interval: 1s }
`;
    const done = await apply(compose, '', { as: hosted });
    expect(actions(done)).toEqual(['create Service db', 'create Service app']);
    const db = JSON.parse((await hosted.send('GET', `${hosted.base}/services/${done.steps[0]?.id}`)).text);
    expect(db.status).toMatchObject({ ready: 1 });
    expect(actions(await apply(compose, '', { as: hosted }))).toEqual(['unchanged Service db', 'unchanged Service app']);
    const gone = await apply(run('last', '', 'a: b'), '?prune=compose.project=stack', { as: hosted });
    expect(actions(gone)).toEqual(['create Run last', 'delete Service app', 'delete Service db']);
  });

  test('a run that has its host port from the one before waits for its end', async () => {
    const hosted = await berth.tenant('hosted');
    const text = (greeting: string) => `kind: Run
metadata: { name: holder }
spec: { image: busybox, command: [sh, -c, "exec sleep 600"], env: { G: ${greeting} }, stopSignal: SIGKILL, ports: [{ containerPort: 80, hostPort: 18431 }] }
`;
    const [first] = (await apply(text('a'), '', { as: hosted })).steps;
    await hosted.waitRun(first?.id ?? '', 'running');
    const [second] = (await apply(text('b'), '', { as: hosted })).steps;
    expect((await hosted.getRun(first?.id ?? '')).status.finishedAt).not.toBeNull();
    expect((await hosted.waitRun(second?.id ?? '', 'running')).status.phase).toBe('running');
    await hosted.deleteRun(second?.id ?? '', true);
  });
});
