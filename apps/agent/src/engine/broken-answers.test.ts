/** An engine that dies in the middle of an answer. */
import { createServer } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { connectDocker } from './connect.ts';
import { DockerEngine } from './docker-engine.ts';

it.each([
  ['by its length', { 'content-length': '1000' }],
  ['in chunks', {}],
])('an answer that breaks off, told %s, is a failure and not waited for', async (_, headers) => {
  const server = createServer((_request, answer) => {
    answer.writeHead(200, { 'content-type': 'application/json', ...headers });
    answer.write('{"Id":', () => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const engine = new DockerEngine(await connectDocker(`tcp://127.0.0.1:${address.port}`), 'hst_1');
  expect(await engine.inspectContainer('c1')).toMatchObject({ ok: false, failure: { kind: 'cannot-now' } });
  expect(await engine.listContainers(new Map())).toMatchObject({ ok: false, failure: { kind: 'cannot-now' } });
});
