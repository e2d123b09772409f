/** All hosts at a glance: by the route, with its filters, and on the console's socket as they change. */
import { CONSOLE_NAMESPACE, type Push, SOCKET_PATH, type SubscribeAnswer } from '@berth/shared/events/console-socket';
import { eventPageSchema } from '@berth/shared/events/event';
import { type HostCell, type HostFilter, hostMapSchema, hostTotalsSchema } from '@berth/shared/model/host-map';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedEngine } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost } from '../fakes/simulated-identity.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';

let berth: Berth;
let client: BerthClient;
const ids: Record<string, string> = {};
const agents: SimulatedAgent[] = [];
const ends: (() => void)[] = [];

async function addHost(name: string, labels: Record<string, string>): Promise<void> {
  const { token } = await client.createJoinToken({}, labels);
  const engine = new SimulatedEngine({
    behaviour: () => ({ pullMs: 0, createMs: 0, startMs: 0, output: [], runMs: null, exitCode: 0, onStop: 'exits' }),
  });
  const agent = new SimulatedAgent(berth.url, await enrolSimulatedHost({ url: berth.url, joinToken: token, name, engine }));
  agents.push(agent);
  ids[name] = agent.host.identity.hostId;
  await eventually(`${name} to be ready`, async () => (await client.getHost(ids[name] ?? '')).status.state === 'ready');
}

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  await addHost('web-1', { zone: 'eu-1' });
  await addHost('web-2', { zone: 'eu-2' });
  await addHost('db-1', { zone: 'eu-1', disk: 'ssd' });
});
afterEach(() => {
  for (const end of ends.splice(0)) end();
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

async function read(query = '') {
  const { status, text } = await client.send('GET', `${client.base}/hosts/map${query}`);
  expect(status, text).toBe(200);
  return hostMapSchema.parse(JSON.parse(text));
}
const namesOf = (cells: Iterable<HostCell>) => [...cells].map(({ name }) => name).sort();

/** A console that keeps what it is told. */
async function watch(filter: HostFilter, { token, workspace }: { token: string; workspace: string } = berth.credentials) {
  const pushes: Extract<Push, { channel: 'hosts' }>[] = [];
  const cells = new Map<string, HostCell>();
  const socket = io(`${berth.url}${CONSOLE_NAMESPACE}`, { path: SOCKET_PATH, transports: ['websocket'], forceNew: true, auth: { token } });
  ends.push(() => socket.disconnect());
  socket.on('push', (push: Push, taken: () => void) => {
    if (push.channel === 'hosts') {
      pushes.push(push);
      if (push.whole) cells.clear();
      for (const cell of push.cells) cells.set(cell.id, cell);
      for (const id of push.gone) cells.delete(id);
    }
    taken();
  });
  const answer: SubscribeAnswer = await socket
    .timeout(10_000)
    .emitWithAck('subscribe', { channel: 'hosts', sub: 'map', workspace, filter });
  expect(answer).toEqual({ ok: true, cursor: null });
  await eventually('the first push', () => pushes.length > 0);
  return { pushes, cells };
}

test('the map has what is reserved of each host, and totals of the hosts that fit the filter', async () => {
  const run = await client.createRun({ image: 'server', resources: { cpu: '0.5', memory: '64Mi' } });
  const placed = await client.waitRun(run.metadata.id, 'running');
  const all = await read();
  expect(namesOf(all.items)).toEqual(['db-1', 'web-1', 'web-2']);
  expect(all.totals).toMatchObject({ hosts: 3, ready: 3, runs: 1, cpu: { reserved: 500 }, memory: { reserved: 64 * 2 ** 20 } });
  const where = all.items.find(({ id }) => id === placed.status.hostId);
  expect(where).toMatchObject({ runs: 1, state: 'ready', message: null, marks: [], cpu: { reserved: 500, used: null } });

  expect(namesOf((await read('?name=WEB')).items)).toEqual(['web-1', 'web-2']);
  expect(namesOf((await read('?label=zone=eu-1,disk')).items)).toEqual(['db-1']);
  expect(namesOf((await read('?state=lost')).items)).toEqual([]);
  expect((await client.send('GET', `${client.base}/hosts/map?state=idle`)).status).toBe(400);
  const { text } = await client.send('GET', `${client.base}/hosts/totals?label=zone=eu-1`);
  expect(hostTotalsSchema.parse(JSON.parse(text))).toMatchObject({ hosts: 2, ready: 2 });
  await client.stopRun(run.metadata.id);
  await client.waitRun(run.metadata.id);
});

test('the event that brings a run to a host names the host: a console need not know all of them', async () => {
  const run = await client.createRun({ image: 'server' });
  const { status } = await client.waitRun(run.metadata.id, 'running');
  const { text } = await client.send('GET', `${client.base}/runs/${run.metadata.id}/events`);
  const { items } = eventPageSchema.parse(JSON.parse(text));
  const assigned = items.find((event) => event.type === 'run.phase' && event.data.phase === 'assigned');
  expect(assigned?.data).toMatchObject({ hostId: status.hostId, hostName: status.hostName });
  await client.stopRun(run.metadata.id);
  await client.waitRun(run.metadata.id);
});

test('a console that watches is told all hosts once, and then only those that change', async () => {
  const { pushes, cells } = await watch({});
  expect(pushes[0]).toMatchObject({ whole: true, gone: [] });
  expect(namesOf(cells.values())).toEqual(['db-1', 'web-1', 'web-2']);
  await client.updateHost(ids['web-2'] ?? '', { spec: { cordoned: true } });
  await eventually('the cordon to be told', () => cells.get(ids['web-2'] ?? '')?.marks.includes('cordoned') === true);
  for (const push of pushes.slice(1)) expect(push).toMatchObject({ whole: false, gone: [] });
  expect(namesOf(pushes.slice(1).flatMap((push) => push.cells))).toEqual(['web-2']);
  await client.updateHost(ids['web-2'] ?? '', { spec: { cordoned: false } });
});

test('a console that comes while another one watches begins with what is so now', async () => {
  await watch({});
  await client.updateHost(ids['web-2'] ?? '', { spec: { cordoned: true } });
  const { pushes } = await watch({ state: 'cordoned' });
  expect(namesOf(pushes[0]?.cells ?? [])).toEqual(['web-2']);
  await client.updateHost(ids['web-2'] ?? '', { spec: { cordoned: false } });
});

test('a burst of changes is told in a few pushes', async () => {
  const { pushes, cells } = await watch({});
  for (let turn = 0; turn < 30; turn++) await client.updateHost(ids['web-1'] ?? '', { metadata: { labels: { turn: String(turn) } } });
  await eventually('the last change to be told', () => cells.get(ids['web-1'] ?? '')?.labels.turn === '29');
  expect(pushes.length).toBeLessThan(10);
  await client.updateHost(ids['web-1'] ?? '', { metadata: { labels: { zone: 'eu-1' } } });
});

test('a host comes into a filter and leaves it as it changes', async () => {
  const { pushes, cells } = await watch({ state: 'cordoned' });
  expect(pushes[0]).toMatchObject({ whole: true, cells: [] });
  await client.updateHost(ids['db-1'] ?? '', { spec: { cordoned: true } });
  await eventually('it to come', () => namesOf(cells.values()).join() === 'db-1');
  await client.updateHost(ids['db-1'] ?? '', { spec: { cordoned: false } });
  await eventually('it to leave', () => cells.size === 0);
  expect(pushes.at(-1)?.gone).toEqual([ids['db-1']]);
});

test('another workspace sees none of them', async () => {
  const { account } = await berth.tenant('next-door');
  const { cells } = await watch({}, account);
  expect(cells.size).toBe(0);
});
