/** Secrets, over REST and in containers of a real engine: where a value is to be it is, and where it is not to be it is nowhere. */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { engineViewSchema } from '@berth/shared/http/container';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { BerthClient, RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { dockerOf, type FaultStage, openFaultStage, sh } from './fault-stage.ts';

/** A tmpfs wherever tests run: /run may be a disk. */
const FOLDER = '/dev/shm/berth-test';
const VALUE = 'correct-horse-battery';
const BASE64 = Buffer.from(VALUE).toString('base64');
const MASK = '*'.repeat(VALUE.length);

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine, env: { BERTH_SECRETS_FOLDER: FOLDER } });
  await client.createSecret('db', VALUE);
});
afterAll(async () => {
  await stage?.close();
  if (agent) rmSync(join(FOLDER, agent.hostId), { recursive: true, force: true });
});

const AS_ENV: RunSpecInput['secrets'] = [{ secret: 'db', env: 'DB' }];
const errorsOf = async (spec: RunSpecInput) => {
  const answer = await client.send('POST', `${client.base}/runs`, { spec });
  expect(answer.status, answer.text).toBe(400);
  return JSON.parse(answer.text).errors;
};
/** All that the database has, as text: what a dump of it would show. */
async function dumped(): Promise<string> {
  const database = new pg.Client({ connectionString: stage.berth.databaseUrl });
  await database.connect();
  try {
    const { rows } = await database.query<{ table_name: string }>(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    const texts: string[] = [];
    for (const { table_name } of rows) {
      const { rows: content } = await database.query<{ text: string }>(
        `SELECT t::text || encode(t::text::bytea, 'escape') AS text FROM "${table_name}" t`,
      );
      texts.push(...content.map(({ text }) => text));
    }
    return texts.join('\n');
  } finally {
    await database.end();
  }
}
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());

describe('a secret', () => {
  it('is written and never read back, has versions, and tells its changes without its value', async () => {
    const made = await client.createSecret('api-key', 'first value of it', { labels: { team: 'core' } });
    expect(made).toMatchObject({ kind: 'Secret', spec: { visible: false }, status: { version: 1, users: [] } });
    const taken = await client.send('POST', `${client.base}/secrets`, { metadata: { name: 'api-key' }, spec: { value: 'x' } });
    expect(taken.status).toBe(409);
    const stale = await client.send('PATCH', `${client.base}/secrets/${made.metadata.id}`, { spec: { value: 'x' } }, { 'if-match': '"0"' });
    expect(stale.status).toBe(412);
    const changed = await client.updateSecret(made.metadata.id, 'second value of it', made.metadata.resourceVersion);
    expect(changed).toMatchObject({ metadata: { labels: { team: 'core' } }, status: { version: 2 } });
    const versions = await client.secretVersions(made.metadata.id);
    expect(versions).toMatchObject([
      { number: 1, destroyedAt: null },
      { number: 2, destroyedAt: null },
    ]);
    const said = await client.send('GET', `${client.base}/events?limit=500`);
    expect(said.text).toContain('has a new value: version 2');
    const shown = await client.send('GET', `${client.base}/secrets`);
    for (const { text } of [said, shown]) expect(text).not.toMatch(/(first|second) value of it/);
  });

  it('that is visible is read back', async () => {
    const { metadata } = await client.createSecret('colour', 'blue', { visible: true });
    expect((await client.getSecret(metadata.id)).spec).toEqual({ visible: true, value: 'blue' });
  });

  it('keeps an earlier version listed whose value was destroyed; the latest cannot be', async () => {
    const { metadata } = await client.createSecret('old', 'one value');
    await client.updateSecret(metadata.id, 'another value');
    expect((await client.send('DELETE', `${client.base}/secrets/${metadata.id}/versions/2`)).status).toBe(409);
    expect((await client.send('DELETE', `${client.base}/secrets/${metadata.id}/versions/7`)).status).toBe(404);
    await client.destroySecretVersion(metadata.id, 1);
    expect((await client.secretVersions(metadata.id)).map(({ destroyedAt }) => destroyedAt === null)).toEqual([false, true]);
    expect(await errorsOf(sh('', { secrets: [{ secret: 'old', version: 1, env: 'OLD' }] }))).toEqual([
      { path: 'spec.secrets.0.version', message: 'the secret "old" has no value of version 1; there is 2' },
    ]);
  });

  it('is repeated by its Idempotency-Key without a trace of the value', async () => {
    const body = { metadata: { name: 'again' }, spec: { value: 'guess-me' } };
    const send = () => client.send('POST', `${client.base}/secrets`, body, { 'idempotency-key': 'again-1' });
    const [first, second] = [await send(), await send()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(JSON.parse(second.text).metadata.id).toBe(JSON.parse(first.text).metadata.id);
  });
});

describe('a spec that names secrets', () => {
  it('is refused by the field that is wrong, with what there is', async () => {
    expect(await errorsOf(sh('', { secrets: [{ secret: 'dv', env: 'DB' }] }))).toMatchObject([
      { path: 'spec.secrets.0.secret', message: expect.stringMatching(/^there is no secret "dv" in the workspace; there is .*\bdb\b/) },
    ]);
    const paths = async (spec: Partial<RunSpecInput>) => (await errorsOf(sh('', spec))).map(({ path }: { path: string }) => path);
    expect(await paths({ secrets: [{ secret: 'db' }] })).toEqual(['spec.secrets.0.env']);
    expect(await paths({ secrets: [{ secret: 'db', env: 'A', file: '/a' }] })).toEqual(['spec.secrets.0.file']);
    expect(await paths({ secrets: [{ secret: 'db', env: 'A', mode: '0400' }] })).toEqual(['spec.secrets.0.mode']);
    expect(await paths({ env: { DB: 'x' }, secrets: AS_ENV })).toEqual(['spec.secrets.0.env']);
    expect(await paths({ secrets: [...(AS_ENV ?? []), { secret: 'db', env: 'DB' }] })).toEqual(['spec.secrets.1.env']);
    const within = [
      { secret: 'db', file: '/run/a' },
      { secret: 'db', file: '/run/a/b' },
    ];
    expect(await paths({ secrets: within })).toEqual(['spec.secrets.1.file']);
    expect(await paths({ tmpfs: [{ path: '/run/a/' }], secrets: [{ secret: 'db', file: '/run/a' }] })).toEqual(['spec.secrets.0.file']);
    expect(await paths({ secrets: [{ secret: 'db', file: '/run/../a' }] })).toEqual(['spec.secrets.0.file']);
  });

  it("finds nothing of another workspace's secrets", async () => {
    const other = await stage.berth.tenant('other-secrets');
    await other.createSecret('theirs', 'not for us');
    expect(await errorsOf(sh('', { secrets: [{ secret: 'theirs', env: 'X' }] }))).toMatchObject([{ path: 'spec.secrets.0.secret' }]);
  });
});

describe('a container', () => {
  it('has its secrets as variables and as files in memory, and nobody else has them', async () => {
    const script = `
      printf '%s\\n' "env $DB"; cat /run/secrets/db; echo
      grep ' /run/secrets/db ' /proc/mounts | cut -d' ' -f3,4 | cut -d, -f1
      stat -c '%a %u %g' /run/secrets/db; echo x > /run/secrets/db || echo read-only
      printf 'in two correct-horse'; sleep 0.3; echo '-battery'
      printf %s "$DB" | base64
      echo "$DB" >&2
      exec sleep 3600`;
    const secrets = [
      { secret: 'db', env: 'DB' },
      { secret: 'db', file: '/run/secrets/db', mode: '0440', uid: 7, gid: 8 },
    ];
    const { metadata, spec } = await client.createRun(sh(script, { secrets }));
    expect(spec.secrets).toEqual(secrets.map((use) => ({ ...use, version: 1 })));
    const { id } = metadata;
    await client.waitRun(id, 'running');
    const log = await eventually(
      'its output',
      async () => {
        const text = await client.logs(id);
        return text.includes(MASK.slice(0, 10)) && text.split('\n').length > 8 && text;
      },
      () => client.logs(id),
    );
    expect((await client.logBytes(id, 'stdout')).toString()).toBe(
      `env ${MASK}\n${MASK}\ntmpfs ro\n440 7 8\nread-only\nin two ${MASK}\n${'*'.repeat(BASE64.length)}\n`,
    );
    expect(log).not.toContain('battery');

    const inspected = await client.send('GET', `${client.base}/runs/${id}/inspect`);
    const { settings } = engineViewSchema.parse(JSON.parse(inspected.text));
    expect(settings.filter(({ drift }) => drift)).toEqual([]);
    expect(settings).toContainEqual({
      section: 'environment',
      name: 'DB',
      asked: 'secret db, version 1',
      has: 'secret db, version 1',
      drift: false,
    });
    expect(settings.find(({ name }) => name === '/run/secrets/db')).toMatchObject({ asked: 'secret db, version 1', drift: false });
    const exec = await client.exec(id, ['sh', '-c', 'env; cat /run/secrets/db']);
    expect(exec.stdout.data).toContain(`DB=${MASK}`);
    const file = await client.send('GET', `${client.base}/runs/${id}/files/content?path=/run/secrets/db`);
    expect(file.text).toContain(MASK);
    const shown = await Promise.all([
      client.send('GET', `${client.base}/runs/${id}`),
      client.send('GET', `${client.base}/runs/${id}/events?limit=500`),
      client.send('GET', `${client.base}/runs/${id}/processes`),
      client.send('GET', `${client.base}/events?limit=1000`),
    ]);
    for (const { text } of [inspected, file, ...shown]) expect(text).not.toContain(VALUE);
    expect(JSON.stringify(exec)).not.toContain(VALUE);

    // Neither on the disk of the host, nor in the log of its agent, nor in the database, nor in the api's log.
    for (const path of filesBelow(agent.home)) expect(readFileSync(path, 'latin1'), path).not.toContain(VALUE);
    const hex = Buffer.from(VALUE).toString('hex');
    const everything = await dumped();
    expect(everything).toContain(id);
    for (const text of [VALUE, BASE64, hex]) expect(everything).not.toContain(text);
    expect(stage.berth.api.log(100_000)).not.toContain(VALUE);

    // It is used: that is told, and it is not deleted.
    const [secret] = (await client.listSecrets()).filter((each) => each.metadata.name === 'db');
    const secretId = secret?.metadata.id ?? '';
    expect(secret?.status.users).toEqual([{ kind: 'Run', id, name: metadata.name, version: 1 }]);
    const refused = await client.send('DELETE', `${client.base}/secrets/${secretId}`);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain(`run \\"${metadata.name}\\" (${id})`);
    const mine = join(FOLDER, agent.hostId);
    expect(statSync(mine).mode & 0o777).toBe(0o700);
    expect(readdirSync(mine)).toHaveLength(1);
    await client.deleteRun(id, true);
    await eventually(
      'its files to be gone',
      () => readdirSync(mine).length === 0,
      () => readdirSync(mine),
    );
  });

  it('keeps its version in every life, has its files again after they were lost, and is masked across restarts of its agent', async () => {
    const { metadata: rotated } = await client.createSecret('rotated', 'value-of-version-one');
    const script = 'echo "life $(cat /etc/token) $TOKEN"; i=0; while [ $i -lt 3000 ]; do echo "$i $TOKEN"; i=$((i+1)); sleep 0.02; done';
    const secrets = [
      { secret: 'rotated', env: 'TOKEN' },
      { secret: 'rotated', file: '/etc/token' },
    ];
    const { metadata } = await client.createRun(sh(script, { secrets, restart: { policy: 'always' } }));
    const { id } = metadata;
    const mask = '*'.repeat('value-of-version-one'.length);
    const lines = async () => (await client.logs(id)).split('\n');
    const until = (what: string, count: number) =>
      eventually(
        what,
        async () => (await lines()).length > count,
        async () => (await lines()).slice(-3),
      );
    await until('some output', 20);
    await client.updateSecret(rotated.id, 'value-of-version-two');
    // What it writes meanwhile is read from the engine's record, whose place is found by what is stored.
    await agent.kill();
    const before = (await lines()).length;
    await agent.start();
    await until('output of the time without an agent', before + 40);
    const first = await lines();
    expect(first.slice(0, before)).toEqual([`life ${mask} ${mask}`, ...first.slice(1, before).map((_, index) => `${index} ${mask}`)]);
    expect(first.slice(1, -1)).toEqual(first.slice(1, -1).map((_, index) => `${index} ${mask}`));

    // As after a reboot of its host: nothing is left of its files.
    const attempt = (await client.getRun(id)).status.attempts[0]?.id ?? '';
    rmSync(join(FOLDER, agent.hostId, attempt), { recursive: true });
    const container = dockerOf(stage.engine).getContainer(attempt);
    await container.kill();
    await eventually(
      'another life',
      async () => (await lines()).filter((line) => line === `life ${mask} ${mask}`).length === 2,
      async () => ({ status: (await client.getRun(id)).status, log: (await lines()).slice(-5) }),
    );
    await client.waitRun(id, 'running');
    expect(
      (await client.exec(id, ['sh', '-c', '[ "$(cat /etc/token)" = value-of-version-one ] && [ "$TOKEN" = value-of-version-one ]']))
        .exitCode,
    ).toBe(0);
    await client.deleteRun(id, true);
  });

  it('that ends, or has a terminal, is masked to its last byte', async () => {
    const key = await client.createSecret('pem', '-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n');
    const secrets = [{ secret: 'pem', env: 'PEM' }, ...(AS_ENV ?? [])];
    const { metadata } = await client.createRun(sh('printf "%s and correct-hor" "$DB"', { secrets }));
    await client.waitRun(metadata.id);
    expect(await client.logs(metadata.id)).toBe(`${MASK} and correct-hor`);
    const { metadata: terminal } = await client.createRun(sh('printf %s "$PEM"', { secrets, tty: true }));
    await client.waitRun(terminal.id);
    expect(await client.logs(terminal.id)).toBe(`${'*'.repeat(19)}\r\n${'*'.repeat(14)}\r\n${'*'.repeat(17)}\r\n`);
    await client.deleteSecret(key.metadata.id);
  });

  it('keeps both streams exact while its agent dies again and again in the middle of what it prints', async () => {
    const script =
      'i=0; while [ $i -lt 400 ]; do printf "%s a $DB b correct" $i; echo "-horse-battery c"; echo "$i $DB" >&2; i=$((i+1)); sleep 0.01; done';
    const { metadata } = await client.createRun(sh(script, { secrets: AS_ENV }));
    for (const count of [50, 150, 250]) {
      await eventually(
        `${count} lines`,
        async () => (await client.logBytes(metadata.id, 'stderr')).toString().split('\n').length > count,
        () => client.getRun(metadata.id),
      );
      await agent.kill();
      await agent.start();
    }
    await client.waitRun(metadata.id);
    const numbers = Array.from({ length: 400 }, (_, number) => number);
    expect((await client.logBytes(metadata.id, 'stdout')).toString()).toBe(
      numbers.map((number) => `${number} a ${MASK} b ${MASK} c\n`).join(''),
    );
    expect((await client.logBytes(metadata.id, 'stderr')).toString()).toBe(numbers.map((number) => `${number} ${MASK}\n`).join(''));
  });

  it('fails with the reason where a value that it needs was deleted by force meanwhile', async () => {
    const { metadata: secret } = await client.createSecret('doomed', 'soon to be gone');
    await agent.kill();
    const { metadata } = await client.createRun(sh('echo $X', { secrets: [{ secret: 'doomed', env: 'X' }] }));
    await client.deleteSecret(secret.id, true);
    await agent.start();
    const { status } = await client.waitRun(metadata.id);
    expect(status).toMatchObject({ phase: 'failed', reason: 'secret-missing' });
    expect(status.message).toContain('the value of the secret doomed, version 1 is no longer there');
    // Its name is free again, and the versions of it go on: the pin never means another value.
    expect((await client.createSecret('doomed', 'another one')).status.version).toBe(2);
  });
});

describe('the keys', () => {
  it('are replaced: that of a workspace at once, that of the installation within moments, and the one before is needed no more', async () => {
    const { metadata } = await client.createSecret('kept', 'outlives its keys', { visible: true });
    const value = async () => (await client.getSecret(metadata.id)).spec.value;
    const rotated = await client.rotateSecretKey();
    expect(rotated.resealed).toBeGreaterThan(3);
    expect(await value()).toBe('outlives its keys');
    expect((await client.rotateSecretKey()).number).toBe(rotated.number + 1);
    await client.createRegistry({ server: 'registry.example.com', username: 'me', password: 'of a registry' });

    const { env, api } = stage.berth;
    const before = env.BERTH_SECRET_KEY ?? '';
    env.BERTH_SECRET_KEY = Buffer.alloc(32, 7).toString('base64');
    await api.stop();
    await api.start();
    expect(await value()).toBeUndefined();
    env.BERTH_SECRET_KEY_PREVIOUS = before;
    await api.stop();
    await api.start();
    expect(await value()).toBe('outlives its keys');
    await eventually(
      'all to be sealed anew',
      () => api.log(500).includes('sealed anew with the present BERTH_SECRET_KEY'),
      () => api.log(50),
    );
    delete env.BERTH_SECRET_KEY_PREVIOUS;
    await api.stop();
    await api.start();
    expect(await value()).toBe('outlives its keys');
  });

  it('open a value in its own row only', async () => {
    const other = await stage.berth.tenant('row-thief');
    const [theirs, ours] = [
      await other.createSecret('copied', 'theirs', { visible: true }),
      await client.createSecret('copied', 'ours', { visible: true }),
    ];
    const database = new pg.Client({ connectionString: stage.berth.databaseUrl });
    await database.connect();
    try {
      // With its key beside it: neither opens in the other workspace.
      await database.query(
        `UPDATE data_key t SET sealed = o.sealed FROM data_key o, secret s, secret r
          WHERE s.id = $1 AND r.id = $2 AND t.workspace_id = s.workspace_id AND o.workspace_id = r.workspace_id`,
        [theirs.metadata.id, ours.metadata.id],
      );
      await database.query(
        'UPDATE secret_version t SET sealed = o.sealed FROM secret_version o WHERE t.secret_id = $1 AND o.secret_id = $2',
        [theirs.metadata.id, ours.metadata.id],
      );
    } finally {
      await database.end();
    }
    expect((await other.getSecret(theirs.metadata.id)).spec).toEqual({ visible: true });
    expect((await client.getSecret(ours.metadata.id)).spec.value).toBe('ours');
  });
});
