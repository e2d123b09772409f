/** Sign-in, tokens, join tokens, enrolment, registries: who may do what, and what is never shown. */
import { generateKeyPairSync } from 'node:crypto';
import { sessionSchema } from '@berth/shared/model/session';
import { enrolResponseSchema } from '@berth/shared/protocol/agent';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SIMULATED_FACTS } from '../fakes/simulated-identity.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, createClient, problemFrom } from '../support/client.ts';

let berth: Berth;
let client: BerthClient;
beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
});
afterAll(() => berth?.stop());

const json = { 'content-type': 'application/json' };
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${berth.url}${path}`, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) });

async function signIn(): Promise<string> {
  const { email, password } = berth.credentials;
  const response = await post('/api/auth/sign-in/email', { email, password }, { origin: berth.url });
  expect(response.status).toBe(200);
  const [cookie] = response.headers.getSetCookie();
  expect(cookie).toMatch(/^berth\.session_token=.*HttpOnly.*SameSite=Lax/i);
  return cookie?.split(';')[0] ?? '';
}

async function queryDatabase(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const database = new pg.Client({ connectionString: berth.databaseUrl });
  await database.connect();
  try {
    return (await database.query(sql, values)).rows;
  } finally {
    await database.end();
  }
}

test('a session says who it is and what it may see, until it signs out', async () => {
  const cookie = await signIn();
  const read = () => fetch(`${berth.url}/v1/session`, { headers: { cookie } });
  const session = sessionSchema.parse(await (await read()).json());
  expect(session.principal).toMatchObject({ type: 'user', email: berth.credentials.email });
  expect(session.workspaces).toMatchObject([{ slug: 'default', role: 'owner' }]);
  expect((await post('/api/auth/sign-out', {}, { cookie, origin: berth.url })).status).toBe(200);
  expect((await read()).status).toBe(401);
});

test('a change by cookie is taken from our own pages only', async () => {
  const cookie = await signIn();
  const create = (headers: Record<string, string>) => post(`${client.base}/runs`, { spec: { image: 'busybox' } }, { cookie, ...headers });
  expect((await create({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await create({})).status).toBe(403);
  expect((await create({ origin: 'null' })).status).toBe(403);
  expect((await create({ origin: berth.url })).status).toBe(201);
});

test('nobody signs up by themselves, and guessing a password is slowed down', async () => {
  const signUp = await post(
    '/api/auth/sign-up/email',
    { email: 'eve@example.com', password: 'long enough', name: 'Eve' },
    { origin: berth.url },
  );
  expect(signUp.status).toBe(400);
  const guess = () =>
    post('/api/auth/sign-in/email', { email: berth.credentials.email, password: 'wrong password' }, { origin: berth.url });
  const answers: number[] = [];
  for (let number = 0; number < 25; number++) answers.push((await guess()).status);
  expect(answers[0]).toBe(401);
  expect(answers.at(-1)).toBe(429);
});

test('a token works until it is deleted, is shown once, and is kept as a hash only', async () => {
  const made = await client.createToken('ci');
  expect(made.token).toMatch(/^berth_[A-Za-z]{48}$/);
  const mine = createClient({ ...client.account, token: made.token });
  expect((await mine.send('GET', `${client.base}/runs`)).status).toBe(200);
  const listed = await client.send('GET', `${client.base}/tokens`);
  expect(listed.text).not.toContain(made.token);
  expect(JSON.parse(listed.text).items[0]).toMatchObject({ metadata: { name: 'ci' }, status: { start: made.token.slice(0, 10) } });
  expect(JSON.stringify(await queryDatabase('SELECT * FROM api_key'))).not.toContain(made.token);
  expect((await client.send('DELETE', `${client.base}/tokens/${made.resource.metadata.id}`)).status).toBe(204);
  expect((await mine.send('GET', `${client.base}/runs`)).status).toBe(401);
});

test('a token that is past its end is refused', async () => {
  const made = await client.createToken('short');
  await queryDatabase(`UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = $1`, [made.resource.metadata.id]);
  expect((await createClient({ ...client.account, token: made.token }).send('GET', '/v1/session')).status).toBe(401);
});

test('a repeated POST shows the token again that its lost answer held', async () => {
  const create = async (path: string) =>
    JSON.parse((await client.send('POST', `${client.base}/${path}`, {}, { 'idempotency-key': `again-${path}` })).text);
  for (const path of ['tokens', 'join-tokens']) {
    const first = await create(path);
    expect(await create(path)).toEqual(first);
  }
});

const keyPair = () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const enrol = (joinToken: string, publicKey = keyPair(), name = 'web-1') =>
  post('/v1/agents/enrol', { joinToken, publicKey, name, facts: SIMULATED_FACTS });

const enrolled = async (answer: Promise<Response>) => enrolResponseSchema.parse(await (await answer).json());

test('a machine enrols by a join token; the same key is the same host and uses no token up; a taken name gets a suffix', async () => {
  const { token } = await client.createJoinToken({ maxUses: 2 });
  const key = keyPair();
  const [one, two] = await Promise.all([enrol(token, key), enrol(token, key)].map(enrolled));
  expect(one).toMatchObject({ hostName: 'web-1', workspace: 'default' });
  expect(two).toEqual(one);
  const other = await enrolled(enrol(token));
  expect(other.hostName).toBe('web-1-2');
  expect((await enrol(token)).status).toBe(401);
  expect(await (await enrol(token, key)).json()).toEqual(one);
  expect((await client.getHost(one?.hostId ?? '')).status).toMatchObject({ state: 'not-ready', facts: SIMULATED_FACTS });
});

test('a join token that is revoked, past its end or made up lets nobody in', async () => {
  const revoked = await client.createJoinToken();
  expect((await client.send('DELETE', `${client.base}/join-tokens/${revoked.resource.metadata.id}`)).status).toBe(204);
  expect((await enrol(revoked.token)).status).toBe(401);
  const late = await client.createJoinToken();
  await queryDatabase(`UPDATE join_token SET expires_at = now() - interval '1 second' WHERE id = $1`, [late.resource.metadata.id]);
  expect((await enrol(late.token)).status).toBe(401);
  expect((await enrol('bjt_made-up')).status).toBe(401);
  const { token } = await client.createJoinToken();
  expect((await enrol(token, 'not a key')).status).toBe(400);
  expect(
    (await enrol(token, generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString()))
      .status,
  ).toBe(400);
});

test('a host that was removed is gone, its name is free, and its key does not come back', async () => {
  const { token } = await client.createJoinToken({ maxUses: null });
  const key = keyPair();
  const { hostId } = await enrolled(enrol(token, key, 'old'));
  expect((await client.send('DELETE', `${client.base}/hosts/${hostId}`)).status).toBe(204);
  expect((await problemFrom(client.getHost(hostId))).status).toBe(404);
  expect((await client.send('DELETE', `${client.base}/hosts/${hostId}`)).status).toBe(404);
  expect((await enrol(token, key, 'old')).status).toBe(409);
  expect(await (await enrol(token, keyPair(), 'old')).json()).toMatchObject({ hostName: 'old' });
});

test('the password of a registry goes in, encrypted, and is never shown', async () => {
  const spec = { server: 'index.docker.io', username: 'me', password: 'a very secret password' };
  const made = await client.createRegistry(spec);
  expect(made.spec).toEqual({ server: 'docker.io', username: 'me' });
  expect((await problemFrom(client.createRegistry({ ...spec, server: 'docker.io' }))).code).toBe('conflict');
  const path = `${client.base}/registries`;
  for (const answer of [await client.send('GET', path), await client.send('GET', `${path}/${made.metadata.id}`)]) {
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(spec.password);
  }
  const [row] = await queryDatabase('SELECT secret FROM registry WHERE id = $1', [made.metadata.id]);
  expect(Buffer.isBuffer(row?.secret) && row.secret.includes(spec.password)).toBe(false);
  expect(berth.api.log(1000)).not.toContain(spec.password);
  expect((await client.send('DELETE', `${path}/${made.metadata.id}`)).status).toBe(204);
  expect((await client.send('GET', `${path}/${made.metadata.id}`)).status).toBe(404);
});

test('health, readiness and metrics are there for everybody, and the address says what it is', async () => {
  expect((await fetch(`${berth.url}/healthz`)).status).toBe(200);
  expect(await (await fetch(`${berth.url}/readyz`)).json()).toEqual({
    status: 'ok',
    checks: { postgres: 'ok', redis: 'ok', workers: 'ok' },
  });
  const metrics = await (await fetch(`${berth.url}/metrics`)).text();
  for (const name of [
    'berth_http_request_duration_seconds_bucket',
    'berth_runs{phase="queued"}',
    'berth_agents_connected',
    'berth_queue_jobs{queue="placement"',
  ])
    expect(metrics).toContain(name);
  const root = await fetch(berth.url);
  expect(await root.text()).toContain('there is no console');
  expect(root.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(await (await fetch(`${berth.url}/v1/nowhere`)).json()).toMatchObject({ code: 'not-found', status: 404 });
});
