/** One address: what the api does not serve itself comes from the console's server. And what happens while Redis is away. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../scripts/parts/free-port.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { eventually } from '../support/eventually.ts';

let berth: Berth;
const asked: { path: string; headers: IncomingHttpHeaders }[] = [];
const upstream = createServer((request, response) => {
  asked.push({ path: request.url ?? '', headers: request.headers });
  response.setHeader('content-type', 'text/html');
  response.write('<p>first piece');
  if (request.url === '/stream') return;
  response.end('</p>');
});

beforeAll(async () => {
  const port = await freePort();
  await new Promise<void>((resolve) => upstream.listen(port, '127.0.0.1', resolve));
  berth = await startBerth({ env: { CONSOLE_URL: `http://127.0.0.1:${port}` } });
});
afterAll(async () => {
  await berth?.stop();
  upstream.closeAllConnections();
  upstream.close();
});

test('pages come from the console, under our headers, without the credentials that are for the api', async () => {
  const response = await fetch(`${berth.url}/default/runs?phase=queued`, {
    headers: { cookie: 'berth.session_token=x', authorization: 'Bearer y' },
  });
  expect(await response.text()).toBe('<p>first piece</p>');
  expect(response.headers.get('x-frame-options')).toBe('DENY');
  const [request] = asked.splice(0);
  expect(request?.path).toBe('/default/runs?phase=queued');
  expect(request?.headers).toMatchObject({ 'x-forwarded-host': new URL(berth.url).host, 'x-forwarded-proto': 'http' });
  expect(request?.headers.cookie).toBeUndefined();
  expect(request?.headers.authorization).toBeUndefined();
});

test('a page is passed on as it comes, not when it is whole', async () => {
  const controller = new AbortController();
  const response = await fetch(`${berth.url}/stream`, { signal: controller.signal });
  const piece = await response.body?.pipeThrough(new TextDecoderStream()).getReader().read();
  expect(piece?.value).toBe('<p>first piece');
  controller.abort();
});

test('a wrong address of the api is a problem, not a page', async () => {
  asked.splice(0);
  for (const path of ['/v1/nowhere', '/v1', '/api/nowhere', '/v1/workspaces/default/nothing']) {
    const response = await fetch(`${berth.url}${path}`);
    expect([path, response.status]).toEqual([path, 404]);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  }
  expect((await fetch(`${berth.url}/docs`)).status).toBe(200);
  expect(asked).toEqual([]);
});

test('while Redis is away the api says so, and goes on accepting runs', async () => {
  await berth.redis.stop();
  const ready = await eventually(
    'readiness to name Redis',
    async () => {
      const response = await fetch(`${berth.url}/readyz`);
      return response.status === 503 ? response.json() : null;
    },
    () => berth.api.log(20),
  );
  expect(ready).toMatchObject({ checks: { postgres: 'ok' } });
  expect(ready).not.toMatchObject({ checks: { redis: 'ok' } });
  const run = await berth.client.createRun({ image: 'busybox' });
  expect((await berth.client.getRun(run.metadata.id)).status.phase).toBe('queued');
  expect(await (await fetch(`${berth.url}/metrics`)).text()).toContain('berth_dependency_up{dependency="redis"} 0');
});
