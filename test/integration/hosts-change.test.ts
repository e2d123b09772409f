/** What people change of a host: its name, its labels, and whether it takes new runs. */
import { BERTH_VERSION } from '@berth/shared/model/version';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';

let berth: Berth;
let client: BerthClient;
let hostId: string;
let other: string;
const agents: SimulatedAgent[] = [];

async function addHost(name: string): Promise<string> {
  const added = await addSimulatedHost(client, name);
  agents.push(added.agent);
  return added.hostId;
}

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  hostId = await addHost('web-1');
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

const changesOf = async (id: string) =>
  (await client.hostEvents(id)).flatMap((event) => (event.type === 'host.changed' ? [event.data] : []));

test('a host is renamed and labelled, each change is an event with who made it, and the same again changes nothing', async () => {
  const before = await client.getHost(hostId);
  const body = { metadata: { name: 'web-one', labels: { zone: 'eu-1', gpu: '' } } };
  const renamed = await client.updateHost(hostId, body, before.metadata.resourceVersion);
  expect(renamed.metadata).toMatchObject({ name: 'web-one', labels: { zone: 'eu-1', gpu: '' } });
  expect(renamed.spec).toEqual({ cordoned: false });
  const actor = expect.stringContaining('token:');
  const changes = await changesOf(hostId);
  expect(changes.slice(-2)).toEqual([
    { change: 'updated', message: 'renamed from web-1 to web-one', actor },
    { change: 'updated', message: expect.stringMatching(/^labels set to (zone=eu-1, gpu|gpu, zone=eu-1)$/), actor },
  ]);
  const again = await client.updateHost(hostId, body);
  expect(again.metadata.resourceVersion).toBe(renamed.metadata.resourceVersion);
  expect(await changesOf(hostId)).toHaveLength(changes.length);
  expect((await client.listHosts()).items.map((host) => host.metadata.name)).toContain('web-one');
  await client.updateHost(hostId, { metadata: { name: 'web-1' } });
});

test('a change meant for another version is refused, and so is a name that another host has', async () => {
  const { metadata } = await client.getHost(hostId);
  await client.updateHost(hostId, { metadata: { labels: { zone: 'eu-2' } } });
  const stale = await problemFrom(client.updateHost(hostId, { metadata: { name: 'late' } }, metadata.resourceVersion));
  expect(stale.code).toBe('precondition-failed');
  other = await addHost('web-2');
  const taken = await problemFrom(client.updateHost(other, { metadata: { name: 'web-1' } }));
  expect(taken).toMatchObject({ code: 'conflict', detail: 'Another host of the workspace is called "web-1".' });
  expect((await problemFrom(client.updateHost(hostId, { metadata: { name: 'No Name' } }))).errors?.[0]?.path).toBe('metadata.name');
  expect((await problemFrom(client.updateHost(hostId, {}))).code).toBe('invalid-request');
});

test('a cordoned host runs on what it has and takes nothing new, which waits with the reason and goes there once it may', async () => {
  const there = await client.createRun({ image: 'server' });
  await client.waitRun(there.metadata.id, 'running');
  for (const id of [hostId, other]) await client.updateHost(id, { spec: { cordoned: true } });
  const cordoned = await client.getHost(hostId);
  expect(cordoned.status.cordon).toMatchObject({ actor: expect.stringContaining('token:') });
  expect(cordoned.status.state).toBe('ready');

  const waits = await client.createRun({ image: 'server' });
  const { id } = waits.metadata;
  await eventually(
    'the run to say why it waits',
    async () => (await client.getRun(id)).status.waiting?.message === 'no host fits: 2 of 2 hosts are cordoned',
    () => client.getRun(id),
  );
  expect((await client.getRun(there.metadata.id)).status.phase).toBe('running');

  await client.updateHost(other, { spec: { cordoned: false } });
  const placed = await client.waitRun(id, 'running');
  expect(placed.status.hostId).toBe(other);
  const verdicts = placed.status.attempts[0]?.placement?.hosts ?? [];
  expect(verdicts.find((verdict) => verdict.hostId === hostId)?.refusals).toEqual([{ filter: 'cordon', message: 'web-1 is cordoned' }]);
  expect((await changesOf(other)).slice(-2)).toMatchObject([{ change: 'cordoned' }, { change: 'uncordoned' }]);
  expect((await client.getHost(other)).status.cordon).toBeNull();
  await client.updateHost(hostId, { spec: { cordoned: false } });
});

test('a host says its versions beside those of this Berth, and which images it has', async () => {
  const { agent } = (await client.getHost(hostId)).status;
  expect(agent).toEqual({
    version: '0.0.0-simulated',
    protocol: PROTOCOL_VERSION,
    skew: 'version',
    message: `it is version 0.0.0-simulated, this Berth ${BERTH_VERSION}; they understand each other`,
    fixed: null,
    update: null,
  });
  agents[0]?.host.engine.images.add('nginx:1.29');
  await eventually(
    'the images to be told',
    async () => (await client.hostImages(hostId)).includes('nginx:1.29'),
    () => client.hostImages(hostId),
  );
});
