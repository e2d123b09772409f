/** Made from the OpenAPI document: a route that is added is walked here without anybody remembering to (law L9). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import document from '../../docs/openapi.json' with { type: 'json' };
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';

interface Route {
  method: string;
  path: string;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const routes: Route[] = Object.entries(document.paths).flatMap(([path, operations]) =>
  Object.keys(operations)
    .filter((method) => METHODS.includes(method))
    .map((method) => ({ method: method.toUpperCase(), path })),
);
/** The join token in the body is the credential of the first; the others are what a machine fetches before it has any. */
const PUBLIC = new Set(['POST /v1/agents/enrol', 'GET /install.sh', 'GET /v1/agents/bundle']);

let berth: Berth;
let stranger: BerthClient;
/** Resources of the first workspace: the stranger must not learn that they are there. */
let ids: Record<string, string>;

beforeAll(async () => {
  berth = await startBerth();
  stranger = await berth.tenant('stranger');
  const { client } = berth;
  const template = { spec: { image: 'busybox' } };
  const [run, joinToken, registry, token, service, volume, schedule, array, secret] = await Promise.all([
    client.createRun({ image: 'busybox' }),
    client.createJoinToken(),
    client.createRegistry({ server: 'registry.example.com', username: 'me', password: 'secret' }),
    client.createToken('mine'),
    client.createService('mine', { replicas: 0, template: { spec: { image: 'busybox' } } }),
    client.createVolume('mine'),
    client.createSchedule('mine', { cron: '@yearly', template }),
    client.createRunArray('mine', { count: 2, template }),
    client.createSecret('mine', 'its value'),
  ]);
  ids = {
    runs: run.metadata.id,
    'join-tokens': joinToken.resource.metadata.id,
    registries: registry.metadata.id,
    services: service.metadata.id,
    tokens: token.resource.metadata.id,
    volumes: volume.metadata.id,
    secrets: secret.metadata.id,
    hosts: 'host_00000000000000000000000000',
    'agent-updates': 'upd_00000000000000000000000000',
    schedules: schedule.metadata.id,
    'run-arrays': array.metadata.id,
  };
});
afterAll(() => berth?.stop());

const pathOf = (route: Route, workspace: string) => {
  const kind = /\{workspace\}\/([a-z-]+)/.exec(route.path)?.[1] ?? '';
  const path = route.path
    .replace('{workspace}', workspace)
    .replace('{id}', ids[kind] ?? 'none')
    .replace('{number}', '1');
  return `${path}${QUERIES[`${route.method} ${route.path}`] ?? ''}`;
};

/** The query and the body must be ones that the route would take: otherwise it is refused before anybody looks whose the resource is. */
const QUERIES: Record<string, string> = {
  'GET /v1/workspaces/{workspace}/runs/{id}/logs/search': '?q=x',
  'GET /v1/workspaces/{workspace}/runs/{id}/files': '?path=/',
  'GET /v1/workspaces/{workspace}/runs/{id}/files/content': '?path=/etc/passwd',
  'PUT /v1/workspaces/{workspace}/runs/{id}/files/content': '?path=/x',
};
const BODIES: Record<string, string> = {
  POST: '{}',
  PATCH: '{"metadata":{"labels":{}}}',
  'POST /v1/workspaces/{workspace}/agent-updates': '{"spec":{}}',
  'POST /v1/workspaces/{workspace}/services/{id}/scale': '{"replicas":1}',
  'POST /v1/workspaces/{workspace}/schedules': '{"metadata":{"name":"x"},"spec":{"cron":"@daily","template":{"spec":{"image":"busybox"}}}}',
  'POST /v1/workspaces/{workspace}/run-arrays': '{"metadata":{"name":"x"},"spec":{"count":1,"template":{"spec":{"image":"busybox"}}}}',
  'POST /v1/workspaces/{workspace}/runs/{id}/exec': '{"command":["true"]}',
};

async function ask(route: Route, path: string, token?: string): Promise<{ status: number; body: string }> {
  const body = BODIES[`${route.method} ${route.path}`] ?? BODIES[route.method];
  const response = await fetch(`${berth.url}${path}`, {
    method: route.method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...(body && { 'content-type': 'application/json' }) },
    body,
  });
  return { status: response.status, body: await response.text() };
}

test('the document has routes to walk', () => {
  expect(routes.length).toBeGreaterThan(20);
});

const named = routes.map((route) => ({ ...route, name: `${route.method} ${route.path}` }));
const closed = named.filter(({ name }) => !PUBLIC.has(name));
const inWorkspace = named.filter(({ path }) => path.includes('{workspace}'));
const ofResource = inWorkspace.filter(({ path }) => path.includes('{id}'));

test.each(closed)('$name asks for credentials: 401 without, and with a token that is wrong', async (route) => {
  const path = pathOf(route, berth.credentials.workspace);
  expect((await ask(route, path)).status).toBe(401);
  const wrong = await ask(route, path, 'berth_thisTokenWasNeverGivenOut');
  expect(wrong.status).toBe(401);
  expect(JSON.parse(wrong.body).code).toBe('unauthenticated');
});

test.each(inWorkspace)("$name shows nothing of a workspace to another one's token: 404, as if there were none", async (route) => {
  const foreign = await ask(route, pathOf(route, berth.credentials.workspace), stranger.account.token);
  expect(foreign.status).toBe(404);
  const absent = await ask(route, pathOf(route, 'no-such-workspace'), stranger.account.token);
  expect(absent.status).toBe(404);
  expect(foreign.body.replaceAll(berth.credentials.workspace, 'no-such-workspace')).toBe(absent.body);
});

test.each(ofResource)("$name finds no resource of another workspace in one's own: 404", async (route) => {
  expect((await ask(route, pathOf(route, stranger.account.workspace), stranger.account.token)).status).toBe(404);
});
