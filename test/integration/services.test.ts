/** Services on simulated hosts: kept at count, rolled, held, rolled back, drained and deleted, whatever of Berth dies meanwhile. */
import type { Service } from '@berth/shared/model/service';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom, type ServiceSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';

let berth: Berth;
let second: Replica;
let redis: Redis;
let client: BerthClient;
const hosts: Awaited<ReturnType<typeof addSimulatedHost>>[] = [];

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  redis = new Redis(berth.redis.url);
  second = await startReplica(berth);
  for (const name of ['one', 'two', 'three']) hosts.push(await addSimulatedHost(client, name));
});
afterAll(async () => {
  for (const { agent, host } of hosts) {
    agent.close();
    host.engine.close();
  }
  redis?.disconnect();
  await second?.process.stop();
  await berth?.stop();
});

/** `server` images run until they are stopped; others end at once. */
const spec = (image: string, replicas: number, rest: Partial<ServiceSpecInput> = {}): ServiceSpecInput => ({
  replicas,
  template: { spec: { image } },
  ...rest,
});
const until = (id: string, what: string, isSo: (service: Service) => boolean) =>
  eventually(
    what,
    async () => {
      const service = await client.getService(id);
      return isSo(service) && service;
    },
    async () => ({ service: (await client.getService(id)).status, replicas: await client.replicas(id) }),
  );
const settled = (id: string, count: number) =>
  until(
    id,
    `${count} replicas to be available, and no others`,
    ({ metadata, status }) =>
      status.observedGeneration === metadata.generation &&
      status.rollout === 'done' &&
      status.available === count &&
      status.replicas === count,
  );
const live = async (id: string) => (await client.replicas(id)).filter(({ phase, ending }) => phase === 'running' && !ending);

describe('count', () => {
  it('starts its replicas on different hosts, replaces one that is stopped, and scales up and down', async () => {
    const { metadata } = await client.createService('web', spec('server:1', 3));
    const service = await settled(metadata.id, 3);
    expect(service.status.message).toBe('3 of 3 available');
    expect(service.status.conditions).toMatchObject([
      { type: 'Available', status: 'True' },
      { type: 'Progressing', status: 'True', reason: 'RolloutComplete' },
      { type: 'Paused', status: 'False' },
    ]);
    const replicas = await live(metadata.id);
    expect(replicas.map(({ runName }) => runName)).toEqual(['web-1', 'web-2', 'web-3']);
    expect(new Set(replicas.map(({ hostId }) => hostId)).size).toBe(3);
    const [first] = replicas;
    if (!first) throw new Error('no replica');
    await client.stopRun(first.runId);
    await eventually(
      'another one to run in the place of the stopped one',
      async () => (await live(metadata.id)).some(({ slot, runId }) => slot === 1 && runId !== first.runId),
      () => client.replicas(metadata.id),
    );
    await settled(metadata.id, 3);
    expect((await live(metadata.id)).filter(({ slot }) => slot === 1)).toHaveLength(1);

    await client.steerService(metadata.id, 'scale', { replicas: 5 });
    await settled(metadata.id, 5);
    await client.steerService(metadata.id, 'scale', { replicas: 2 });
    await settled(metadata.id, 2);
    expect((await live(metadata.id)).map(({ slot }) => slot)).toEqual([1, 2]);

    await client.deleteService(metadata.id);
    await eventually(
      'all of its runs to be gone',
      async () => (await client.listRuns('?label=berth.service=web')).items.length === 0,
      () => client.listRuns('?label=berth.service=web'),
    );
    expect((await problemFrom(client.getService(metadata.id))).code).toBe('not-found');
    // Its name is free again.
    const again = await client.createService('web', spec('server:1', 1));
    await settled(again.metadata.id, 1);
    await client.deleteService(again.metadata.id);
  });

  it('replaces what ends again and again after ever longer pauses, and says when', async () => {
    const { metadata } = await client.createService('ends', spec('broken:1', 1));
    const service = await until(metadata.id, 'a pause before the next one', ({ status }) => /is replaced in \d+ s/.test(status.message));
    expect(service.status).toMatchObject({ rollout: 'failed', available: 0 });
    expect(service.status.message).toMatch(
      /^the roll-out failed: replica 1 did not stay: .*; 0 of 1 available; what ended is replaced in \d+ s/,
    );
    await client.deleteService(metadata.id);
  });
});

describe('roll-out', () => {
  it('rolls to another template without fewer available, and back by one word', async () => {
    const { metadata } = await client.createService('rolls', spec('server:1', 3));
    const first = await settled(metadata.id, 3);
    const plan = await client.planUpdate(metadata.id, spec('server:2', 3));
    expect(plan).toMatchObject({ summary: '3 started, 3 stopped', changes: [{ path: 'spec.image', from: 'server:1', to: 'server:2' }] });
    expect((await client.getService(metadata.id)).metadata.generation).toBe(1);

    await client.updateService(metadata.id, spec('server:2', 3));
    let least = 3;
    const rolled = await until(metadata.id, 'the second revision on all', ({ status }) => {
      least = Math.min(least, status.available);
      return status.rollout === 'done' && status.targetRevision === 2 && status.replicas === 3;
    });
    expect(least).toBe(3);
    expect(rolled.metadata.generation).toBe(2);
    expect(Number(rolled.metadata.resourceVersion)).toBeGreaterThan(Number(first.metadata.resourceVersion));
    expect((await live(metadata.id)).every(({ revision, drift }) => revision === 2 && drift.length === 0)).toBe(true);

    // A template that it had before is that revision again, in the preview too.
    const would = await client.planUpdate(metadata.id, spec('server:1', 3));
    expect(new Set(would.steps.map(({ action, revision }) => `${action} ${revision}`))).toEqual(new Set(['start 1', 'stop 2']));
    const back = await client.steerService(metadata.id, 'roll-back');
    expect(back.spec.template.spec.image).toBe('server:1');
    await until(
      metadata.id,
      'the first revision on all',
      ({ status }) => status.rollout === 'done' && status.targetRevision === 1 && status.replicas === 3,
    );
    expect((await client.revisions(metadata.id)).map(({ number, wasGood }) => [number, wasGood])).toEqual([
      [2, true],
      [1, true],
    ]);
    const wrong = await problemFrom(client.steerService(metadata.id, 'roll-back', { revision: 7 }));
    expect(wrong).toMatchObject({ code: 'invalid-request', errors: [{ path: 'revision', message: 'there is no revision 7' }] });
    await client.deleteService(metadata.id);
  });

  it('goes back by itself where the new ones do not stay, and tries again when asked', async () => {
    const { metadata } = await client.createService('falls', spec('server:1', 2));
    await settled(metadata.id, 2);
    await client.updateService(metadata.id, spec('broken:2', 2));
    const back = await until(metadata.id, 'the roll-back', ({ status }) => status.rollout === 'rolled-back' && status.available === 2);
    expect(back.status).toMatchObject({ revision: 2, targetRevision: 1, updated: 2 });
    expect(back.status.message).toMatch(/^rolled back, because replica 1 did not stay: /);
    expect(back.status.conditions.find(({ type }) => type === 'Progressing')).toMatchObject({ status: 'False', reason: 'RolledBack' });
    expect((await live(metadata.id)).every(({ revision }) => revision === 1)).toBe(true);
    await client.steerService(metadata.id, 'retry');
    await until(
      metadata.id,
      'the second roll-back',
      ({ status, metadata: { generation } }) =>
        generation === 3 && status.observedGeneration === 3 && status.rollout === 'rolled-back' && status.available === 2,
    );
    await client.deleteService(metadata.id);
  });

  it('holds after its canary until somebody promotes it', async () => {
    const update = { canary: 1 };
    const { metadata } = await client.createService('canary', spec('server:1', 3, { update }));
    await settled(metadata.id, 3);
    expect((await problemFrom(client.steerService(metadata.id, 'promote'))).code).toBe('conflict');
    await client.updateService(metadata.id, spec('server:2', 3, { update }));
    const held = await until(metadata.id, 'the canary', ({ status }) => status.rollout === 'canary' && status.replicas === 3);
    expect(held.status).toMatchObject({ updated: 1, available: 3, message: '1 of 3 are new and available: promote it, or roll it back' });
    await client.steerService(metadata.id, 'promote');
    await until(metadata.id, 'all of them', ({ status }) => status.rollout === 'done' && status.updated === 3 && status.replicas === 3);
    await client.deleteService(metadata.id);
  });

  it('rolls nothing while it is paused, and still keeps its count', async () => {
    const { metadata } = await client.createService('paused', spec('server:1', 2));
    await settled(metadata.id, 2);
    await client.updateService(metadata.id, spec('server:2', 2, { paused: true }));
    const paused = await until(metadata.id, 'the pause', ({ status }) => status.rollout === 'paused');
    expect(paused.status).toMatchObject({ updated: 0, available: 2 });
    const [one] = await live(metadata.id);
    await client.killRun(one?.runId ?? '');
    await eventually(
      'another one to run in the place of the killed one',
      async () => (await live(metadata.id)).some(({ slot, runId }) => slot === one?.slot && runId !== one?.runId),
      () => client.replicas(metadata.id),
    );
    await until(metadata.id, 'another of the first revision', ({ status }) => status.available === 2 && status.updated === 0);
    await client.updateService(metadata.id, spec('server:2', 2));
    await until(
      metadata.id,
      'the second revision on all',
      ({ status }) => status.rollout === 'done' && status.updated === 2 && status.replicas === 2,
    );
    await client.deleteService(metadata.id);
  });
});

describe('secrets', () => {
  it('are those of its revision on all replicas, and the newest ones once somebody asks for them', async () => {
    const secret = await client.createSecret('service-db', 'the first value');
    const template = { spec: { image: 'server:1', secrets: [{ secret: 'service-db', env: 'DB' }] } };
    const { metadata } = await client.createService('secretive', { replicas: 2, template });
    await settled(metadata.id, 2);
    const versions = async () =>
      Promise.all((await live(metadata.id)).map(async ({ runId }) => (await client.getRun(runId)).spec.secrets?.[0]?.version));
    await client.updateSecret(secret.metadata.id, 'the second value');
    await client.steerService(metadata.id, 'scale', { replicas: 3 });
    await settled(metadata.id, 3);
    expect(await versions()).toEqual([1, 1, 1]);

    await client.steerService(metadata.id, 'renew');
    await until(
      metadata.id,
      'the newest on all',
      ({ status }) => status.rollout === 'done' && status.targetRevision === 2 && status.replicas === 3,
    );
    expect(await versions()).toEqual([2, 2, 2]);
    expect((await problemFrom(client.steerService(metadata.id, 'renew'))).code).toBe('conflict');
    const unknown = { replicas: 1, template: { spec: { image: 'server:1', secrets: [{ secret: 'nowhere', env: 'DB' }] } } };
    const refused = await problemFrom(client.createService('unknown-secret', unknown));
    expect(refused.errors).toMatchObject([
      { path: 'spec.template.spec.secrets.0.secret', message: expect.stringContaining('there is no secret') },
    ]);
    await client.deleteService(metadata.id);
  });
});

describe('bad input', () => {
  it.each<[string, ServiceSpecInput, string, string]>([
    [
      'a time-out',
      spec('server', 1, { template: { spec: { image: 'server', timeoutSeconds: 5 } } }),
      'spec.template.spec.timeoutSeconds',
      'of no meaning in a service',
    ],
    ['nothing to scale by', spec('server', 1, { autoscale: { min: 1, max: 2 } }), 'spec.autoscale.cpuPercent', 'nothing to scale by'],
    [
      'a per cent of nothing',
      spec('server', 1, { autoscale: { min: 1, max: 2, cpuPercent: 50 } }),
      'spec.autoscale.cpuPercent',
      'resources.cpu',
    ],
    [
      'an update that cannot move',
      spec('server', 1, { update: { maxSurge: 0, maxUnavailable: 0 } }),
      'spec.update.maxUnavailable',
      'nothing could be replaced',
    ],
    ['a bad image', spec('SERVER', 1), 'spec.template.spec.image', ''],
  ])('refuses %s by its field', async (_, body, path, words) => {
    const problem = await problemFrom(client.createService('bad', body));
    expect(problem.code).toBe('invalid-request');
    expect(problem.errors?.find((error) => error.path === path)?.message).toContain(words);
  });

  it('refuses a name that is taken, and a change that was meant for another version', async () => {
    const { metadata } = await client.createService('taken', spec('server:1', 0));
    const problem = await problemFrom(client.createService('taken', spec('server:1', 0)));
    expect(problem).toMatchObject({ code: 'conflict', errors: [{ path: 'metadata.name', message: 'is taken' }] });
    const { code, errors } = problem;
    expect(await problemFrom(client.planService('taken', spec('server:1', 0)))).toMatchObject({ code, errors });
    const stale = await client.send(
      'PATCH',
      `${client.base}/services/${metadata.id}`,
      { spec: spec('server:2', 0) },
      { 'if-match': '"0"' },
    );
    expect(stale.status).toBe(412);
    await client.deleteService(metadata.id);
  });
});

describe('faults', () => {
  it('moves the replicas of a drained host one at a time', async () => {
    const { metadata } = await client.createService('drained', spec('server:1', 4));
    await settled(metadata.id, 4);
    const on = Map.groupBy(await live(metadata.id), ({ hostId }) => hostId ?? '');
    const [hostId = ''] = [...on].sort(([, a], [, b]) => b.length - a.length).map(([id]) => id);
    expect(on.get(hostId)?.length).toBe(2);
    let least = 4;
    expect((await client.send('POST', `${client.base}/hosts/${hostId}/drain`)).status).toBe(200);
    await eventually(
      'the host to be drained',
      async () => {
        least = Math.min(least, (await live(metadata.id)).length);
        return (await client.getHost(hostId)).status.drain?.drainedAt !== null;
      },
      async () => ({ host: (await client.getHost(hostId)).status.drain, replicas: await client.replicas(metadata.id) }),
    );
    expect(least).toBeGreaterThanOrEqual(3);
    await settled(metadata.id, 4);
    expect((await live(metadata.id)).some((replica) => replica.hostId === hostId)).toBe(false);
    await client.send('DELETE', `${client.base}/hosts/${hostId}/drain`);
    await client.deleteService(metadata.id);
  });

  it('counts no replica as available whose host is not heard, and rolls nothing over the minimum meanwhile', async () => {
    const { metadata } = await client.createService('silent', spec('server:1', 3));
    await settled(metadata.id, 3);
    const quiet = hosts[0];
    if (!quiet) throw new Error('no host');
    const there = (await live(metadata.id)).filter(({ hostId }) => hostId === quiet.hostId).length;
    expect(there).toBeGreaterThan(0);
    quiet.agent.close();
    await until(metadata.id, 'its replicas to be missed', ({ status }) => status.available === 3 - there && status.replicas === 3);
    await client.updateService(metadata.id, spec('server:2', 3));
    const held = await until(
      metadata.id,
      'one more than asked for',
      ({ status }) => status.updated >= 1 && status.observedGeneration === 2,
    );
    expect(held.status.available).toBeGreaterThanOrEqual(3 - there);
    hosts[0] = { ...quiet, agent: new SimulatedAgent(client.account.url, quiet.host) };
    await until(
      metadata.id,
      'the second revision on all',
      ({ status }) => status.rollout === 'done' && status.updated === 3 && status.replicas === 3,
    );
    await client.deleteService(metadata.id);
  });

  it('goes on with an api that was killed and a Redis that was emptied in the midst of a roll-out', async () => {
    const { metadata } = await client.createService('faults', spec('server:1', 4));
    await settled(metadata.id, 4);
    await client.updateService(metadata.id, spec('server:2', 4));
    await Promise.all([redis.flushall(), berth.api.kill()]);
    await berth.api.start();
    await until(
      metadata.id,
      'the second revision on all',
      ({ status }) => status.rollout === 'done' && status.updated === 4 && status.replicas === 4,
    );
    const replicas = await live(metadata.id);
    expect(replicas.map(({ slot }) => slot)).toEqual([1, 2, 3, 4]);
    await client.deleteService(metadata.id);
  });
});
