/** Services on a real engine and a real registry: one image a revision, health that gates, use that scales. */
import type { Service } from '@berth/shared/model/service';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { BerthClient, ServiceSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { type FaultStage, openFaultStage } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;

beforeAll(async () => {
  // The registry of the test is on loopback: it may be asked.
  stage = await openFaultStage({ IMAGE_CHECK_SECONDS: '3600' });
  client = stage.client;
  await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(() => stage?.close());

const FOR_EVER = ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'];
const template = (image: string, rest: Partial<ServiceSpecInput['template']['spec']> = {}): ServiceSpecInput['template'] => ({
  spec: { image, command: FOR_EVER, stopGracePeriodSeconds: 1, ...rest },
});
const until = (id: string, what: string, isSo: (service: Service) => boolean, timeoutMs = 30_000) =>
  eventually(
    what,
    async () => {
      const service = await client.getService(id);
      return isSo(service) && service;
    },
    async () => ({ service: (await client.getService(id)).status, replicas: await client.replicas(id) }),
    timeoutMs,
  );
const settled = (id: string, count: number) =>
  until(id, `${count} available`, ({ status }) => status.rollout === 'done' && status.available === count && status.replicas === count);
const running = async (id: string) => (await client.replicas(id)).filter(({ phase, ending }) => phase === 'running' && !ending);

it('has one image a revision, though its tag moves: replicas that come later have the same', async () => {
  const image = `${stage.mirror.server}/moving:1`;
  const first = await pushBusybox(stage.mirror, 'moving', '1');
  const { metadata } = await client.createService('moving', { replicas: 2, template: template(image) });
  const service = await settled(metadata.id, 2);
  expect(service.status.image).toEqual({ reference: image, digest: first });

  await pushBusybox(stage.mirror, 'moving', '1', { layers: [10] });
  const [gone] = await running(metadata.id);
  await client.killRun(gone?.runId ?? '');
  await eventually(
    'another one to run in its place',
    async () => (await running(metadata.id)).filter(({ runId }) => runId !== gone?.runId).length === 2,
    () => client.replicas(metadata.id),
  );
  await client.steerService(metadata.id, 'scale', { replicas: 3 });
  await settled(metadata.id, 3);
  for (const { runId, drift } of await running(metadata.id)) {
    expect((await client.getRun(runId)).status.image.digest).toContain(first);
    expect(drift).toEqual([]);
  }
  await client.deleteService(metadata.id);
});

it('where the registry cannot be asked, the first replica finds out which image it is', async () => {
  // Docker Hub, which only the engine has a mirror of.
  const { metadata } = await client.createService('hub', { replicas: 3, template: template('busybox') });
  const service = await settled(metadata.id, 3);
  expect(service.status.image.digest).toMatch(/^sha256:/);
  const [one, two] = await running(metadata.id);
  const digests = await Promise.all([one, two].map(async (replica) => (await client.getRun(replica?.runId ?? '')).status.image.digest));
  expect(new Set(digests).size).toBe(1);
  await client.deleteService(metadata.id);
});

it('counts a replica once it is healthy, and goes back where the new one is not', async () => {
  const healthcheck = { command: ['/bin/sh', '-c', 'test -f /ready'], intervalSeconds: 1, retries: 3 };
  const becomes = (script: string) =>
    template('busybox', { command: ['/bin/sh', '-c', `${script}; trap "exit 0" TERM; while :; do sleep 0.1; done`], healthcheck });
  const { metadata } = await client.createService('healthy', { replicas: 2, template: becomes('touch /ready') });
  await settled(metadata.id, 2);
  await client.updateService(metadata.id, { replicas: 2, template: becomes('true') });
  const back = await until(
    metadata.id,
    'the roll-back',
    ({ status }) => status.rollout === 'rolled-back' && status.available === 2 && status.replicas === 2,
  );
  expect(back.status.message).toContain('rolled back, because replica 1 is unhealthy');
  expect((await running(metadata.id)).every(({ revision, health }) => revision === 1 && health === 'healthy')).toBe(true);
  await client.deleteService(metadata.id);
});

it('has more replicas where they use more than it aims at', async () => {
  const burns = template('busybox', { command: ['/bin/sh', '-c', 'while :; do :; done'], resources: { cpu: '0.1', memory: '16Mi' } });
  const autoscale = { min: 1, max: 2, cpuPercent: 40 };
  const { metadata } = await client.createService('scales', { replicas: 1, template: burns, autoscale });
  const service = await until(metadata.id, 'a second replica', ({ status }) => status.desired === 2 && status.available === 2, 90_000);
  expect(service.status.conditions.find(({ type }) => type === 'AutoscaleActive')).toMatchObject({
    status: 'True',
    message: expect.stringMatching(/^its replicas use \d+ % of their CPU, 40 % is the aim/),
  });
  const refused = await client.send('POST', `${client.base}/services/${metadata.id}/scale`, { replicas: 1 });
  expect(refused.status).toBe(409);
  await client.deleteService(metadata.id);
});
