/** Newer images of what runs, by a real registry that asks for credentials, and by one that has had enough of questions. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RunImage, runImageSchema } from '@berth/shared/http/run-image';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { startRegistry } from '../support/registry.ts';

vi.setConfig({ testTimeout: 150_000 });

let registry: RegistryPart;
let engine: Engine;
let berth: Berth;

beforeAll(async () => {
  registry = await startRegistry({ auth: true });
  [engine, berth] = await Promise.all([startEngine(), startBerth({ env: { IMAGE_CHECK_SECONDS: '0.2' } })]);
  const { username, password } = registry.credentials ?? { username: '', password: '' };
  await berth.client.createRegistry({ server: registry.server, username, password });
  await berth.startAgent({ engine });
});
afterAll(async () => {
  await berth?.stop();
  await engine?.destroy();
  await registry?.stop();
});

const look = async (id: string): Promise<RunImage> => {
  const answer = await berth.client.send('GET', `${berth.client.base}/runs/${id}/image`);
  expect(answer.status, answer.text).toBe(200);
  return runImageSchema.parse(JSON.parse(answer.text));
};
async function seen(id: string, what: string, isSo: (image: RunImage) => boolean): Promise<RunImage> {
  let last: RunImage | undefined;
  return eventually(
    `the image of ${id} to be ${what}`,
    async () => {
      last = await look(id);
      return isSo(last) && last;
    },
    () => last,
    60_000,
  );
}
const is = (id: string, state: RunImage['state']) => seen(id, state, (image) => image.state === state);

test('a tag that moved, a higher version, and an image that is pulled and does not run are told apart', async () => {
  const { client } = berth;
  const image = `${registry.server}/team/app:1.0.0`;
  const first = await pushBusybox(registry, 'team/app', '1.0.0');
  const create = (pullPolicy: 'always' | 'if-not-present') =>
    client.createRun({ image, pullPolicy, command: ['sleep', '3600'], stopGracePeriodSeconds: 0 });
  const old = await create('if-not-present');
  await client.waitRun(old.metadata.id, 'running');
  expect(await is(old.metadata.id, 'current')).toMatchObject({ reference: image, digest: first, tagDigest: first, newerVersion: null });

  const second = await pushBusybox(registry, 'team/app', '1.0.0', { files: [{ path: 'second', data: Buffer.from('2') }] });
  expect(second).not.toBe(first);
  expect(await is(old.metadata.id, 'tag-moved')).toMatchObject({ digest: first, tagDigest: second });

  const fresh = await create('always');
  await client.waitRun(fresh.metadata.id, 'running');
  expect(await is(old.metadata.id, 'pulled-not-running')).toMatchObject({ digest: first, tagDigest: second });
  expect(await is(fresh.metadata.id, 'current')).toMatchObject({ digest: second });

  await pushBusybox(registry, 'team/app', '1.1.0-alpine');
  await pushBusybox(registry, 'team/app', '1.10.0');
  expect(await is(fresh.metadata.id, 'newer-version')).toMatchObject({ newerVersion: `${registry.server}/team/app:1.10.0` });
  // The tag moved under the older one all the same.
  expect(await look(old.metadata.id)).toMatchObject({ state: 'pulled-not-running', newerVersion: `${registry.server}/team/app:1.10.0` });
  await Promise.all([client.killRun(old.metadata.id), client.killRun(fresh.metadata.id)]);
});

test('a registry that has had enough is left alone, whatever is asked of it; others are asked on', async () => {
  const { client } = berth;
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(429, { 'retry-after': '3600' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const limited = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    // They need not run, nor have a host that they fit on.
    const create = (image: string) => client.createRun({ image, resources: { cpu: 4000 } });
    const one = await create(`${limited}/app:1.0.0`);
    expect(await seen(one.metadata.id, 'limited', ({ message }) => message.includes('rate limit'))).toMatchObject({ state: 'unknown' });
    const other = await create(`${limited}/other:1.0.0`);
    expect(await look(other.metadata.id)).toMatchObject({ state: 'unknown', message: 'Its registry was not asked yet.' });

    await pushBusybox(registry, 'team/late', '1.0.0');
    const late = await create(`${registry.server}/team/late:1.0.0`);
    const { checkedAt } = await seen(late.metadata.id, 'asked for', (image) => image.checkedAt !== null);
    await seen(late.metadata.id, 'asked for again', (image) => image.checkedAt !== checkedAt);
    expect(await look(other.metadata.id)).toMatchObject({ message: 'Its registry was not asked yet.' });
    expect(asked).toEqual(['HEAD /v2/app/manifests/1.0.0']);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
