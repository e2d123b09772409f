/** Domains in front of services: a real Caddy, replicas on two real hosts, and a client that never stops asking. */
import type { Service } from '@berth/shared/model/service';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { startProxy, type WebProxy } from '../support/proxy.ts';
import { says, WebClient } from '../support/web-service.ts';
import { type FaultStage, openFaultStage } from './fault-stage.ts';

let proxy: WebProxy;
let stage: FaultStage;
let second: Engine;
let client: BerthClient;
let web: WebClient;

beforeAll(async () => {
  proxy = await startProxy();
  web = new WebClient(proxy);
  stage = await openFaultStage(proxy.env);
  client = stage.client;
  second = await startEngine({ mirror: stage.mirror.url });
  for (const [name, engine] of [
    ['one', stage.engine],
    ['two', second],
  ] as const) {
    const { hostId } = await stage.berth.startAgent({ engine, name });
    await client.updateHost(hostId, { metadata: { labels: { 'berth.address': proxy.toHosts } } });
  }
});
afterAll(async () => {
  await stage?.close();
  await second?.destroy();
  await proxy?.stop();
});

const until = (id: string, what: string, isSo: (service: Service) => boolean) =>
  eventually(
    what,
    async () => isSo(await client.getService(id)),
    async () => ({ service: (await client.getService(id)).status, replicas: await client.replicas(id) }),
    90_000,
  );
const answers = (domain: string, body: string, tls = false) =>
  eventually(
    `${domain} to answer ${body}`,
    async () => (await web.ask(domain, tls)).body === body,
    () => web.ask(domain, tls),
  );

it('rolls a service over to another version while a client asks all the time, and not one request fails', async () => {
  const routes = [{ domain: 'app.example.com', port: 80, tls: 'off' as const }];
  const update = { drainSeconds: 1 };
  const { metadata } = await client.createService('app', { replicas: 4, template: says('one'), routes, update });
  await until(metadata.id, '4 replicas', ({ status }) => status.available === 4 && status.rollout === 'done');
  const { status } = await client.getService(metadata.id);
  expect(status.conditions.find(({ type }) => type === 'Routed')).toMatchObject({ status: 'True', reason: 'RoutesKept' });
  const hosts = new Set((await client.replicas(metadata.id)).map(({ hostName }) => hostName));
  expect(hosts).toEqual(new Set(['one', 'two']));
  await answers('app.example.com', 'one');

  const asking = web.askAllTheTime('app.example.com', 4);
  await client.updateService(metadata.id, { replicas: 4, template: says('two'), routes, update });
  await until(
    metadata.id,
    'all to be new',
    ({ status }) => status.rollout === 'done' && status.targetRevision === 2 && status.updated === 4 && status.replicas === 4,
  );
  await answers('app.example.com', 'two');
  const { bodies, failures } = await asking.stop();
  expect(failures).toEqual([]);
  expect([...bodies.keys()].sort()).toEqual(['one', 'two']);
  await client.deleteService(metadata.id);
  await eventually(
    'the domain to lead nowhere',
    async () => (await web.ask('app.example.com')).status !== 200,
    () => web.ask('app.example.com'),
  );
});

it('has TLS in front, sends on who comes without, says when nothing is ready, and finds its routes again in a proxy that was restarted', async () => {
  const routes = [{ domain: 'safe.example.com', port: 80, tls: 'internal' as const }];
  const { metadata } = await client.createService('safe', { replicas: 1, template: says('safe'), routes, update: { drainSeconds: 0 } });
  await answers('safe.example.com', 'safe', true);
  expect((await web.ask('safe.example.com')).status).toBe(308);

  await client.steerService(metadata.id, 'scale', { replicas: 0 });
  await eventually(
    'the proxy to say that nothing is ready',
    async () => (await web.ask('safe.example.com', true)).status === 503,
    () => web.ask('safe.example.com', true),
  );
  expect((await web.ask('safe.example.com', true)).body).toBe('No replica of safe is ready.');
  await client.steerService(metadata.id, 'scale', { replicas: 1 });
  await proxy.process.kill();
  await proxy.process.start();
  await answers('safe.example.com', 'safe', true);

  const taken = await problemFrom(client.createService('other', { template: says('x'), routes }));
  expect(taken).toMatchObject({ code: 'conflict', errors: [{ path: 'spec.routes.0.domain', message: 'is taken' }] });
  // Trying says the same, of one that is to be and of one that is there; what a service has itself is not taken.
  const { metadata: free } = await client.createService('free', { replicas: 0, template: says('x') });
  for (const trying of [
    () => client.planService('other', { template: says('x'), routes }),
    () => client.planUpdate(free.id, { replicas: 0, template: says('x'), routes }),
  ]) {
    expect(await problemFrom(trying())).toMatchObject({ code: 'conflict', errors: [{ path: 'spec.routes.0.domain' }] });
  }
  await client.planUpdate(metadata.id, { replicas: 1, template: says('safe'), routes });
  await client.deleteService(free.id);
  const unpublished = await problemFrom(
    client.createService('other', { template: says('x'), routes: [{ domain: 'x.example.com', port: 81 }] }),
  );
  expect(unpublished.errors).toMatchObject([{ path: 'spec.routes.0.port', message: expect.stringContaining('is not published') }]);
  await client.deleteService(metadata.id);
});
