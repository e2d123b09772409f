/** Updates of many agents: stage after stage, paused by what fails, steered by people, and carried on by whichever replica is there. */
import type { AgentUpdate } from '@berth/shared/model/agent-update';
import { OLDEST_PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { SimulatedAgent, type SimulatedHost } from '../fakes/simulated-agent.ts';
import { strangeAgent } from '../support/agent-bundle.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startReplica } from '../support/replica.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';
import { enrolHost, ProtocolAgent } from './protocol-agent.ts';

interface Added {
  agent: SimulatedAgent;
  hostId: string;
  host: SimulatedHost;
}

let berth: Berth;
let client: BerthClient;
let workspaces = 0;
const hosts: Added[] = [];

beforeAll(async () => {
  berth = await startBerth({ env: { AGENT_BUNDLE: await strangeAgent('0.9.9', '') } });
});
afterAll(() => berth?.stop());
beforeEach(async () => {
  client = await berth.tenant(`fleet-${++workspaces}`);
});
afterEach(() => {
  for (const { agent } of hosts.splice(0)) agent.close();
});

async function fleet(...names: string[]): Promise<Added[]> {
  const added = await Promise.all(names.map((name) => addSimulatedHost(client, name)));
  hosts.push(...added);
  return added;
}

const become = (id: string, what: string, isSo: (update: AgentUpdate) => boolean) =>
  eventually(
    `the update to be ${what}`,
    async () => {
      const update = await client.getAgentUpdate(id);
      return isSo(update) && update;
    },
    async () => (await client.getAgentUpdate(id)).status,
  );
const statesOf = ({ status }: AgentUpdate) => status.hosts.map(({ hostName, state }) => `${hostName} ${state}`);
const changesOf = async (hostId: string) =>
  (await client.hostEvents(hostId)).flatMap(({ data }) => ('change' in data && data.change.startsWith('update-') ? [data.change] : []));

it('goes from stage to stage, each once the one before is back, and tells what became of each host', async () => {
  const [one, two, three] = await fleet('one', 'three', 'two');
  if (two) two.host.updates = 'never';
  const created = await client.createAgentUpdate({ batchSize: 1, stopAfterFailures: 1 });
  expect(created.status).toMatchObject({ state: 'running', version: '0.9.9', stages: 3, counts: { total: 3, underWay: 3 } });
  const { id } = created.metadata;
  const held = await become(id, 'held up by the second', (update) => statesOf(update).includes('three updating'));
  expect(statesOf(held)).toEqual(['one done', 'three updating', 'two waiting']);
  expect(held.status).toMatchObject({
    stage: 2,
    message: 'stage 2 of 3: three is updated to version 0.9.9; then stage 3, once they are back and ready',
  });
  expect(await changesOf(one?.hostId ?? '')).toEqual(['update-requested', 'update-done']);
  const updated = await client.getHost(one?.hostId ?? '');
  expect(updated.status.agent).toMatchObject({ version: '0.9.9', skew: 'none', update: { id, state: 'done' } });
  expect((await client.getHost(three?.hostId ?? '')).status.agent).toMatchObject({ skew: 'version', update: { state: 'waiting' } });
  if (two) comeBackUpdated(two, one, id);
  const done = await become(id, 'over', ({ status }) => status.state === 'done');
  expect(done.status).toMatchObject({ message: '3 hosts run version 0.9.9', counts: { done: 3, underWay: 0 }, stage: null });
  expect(done.status.finishedAt).not.toBeNull();
});

it('pauses at a failure and says why; let go on it bears as many more; the host says so too', async () => {
  const [one, two] = await fleet('one', 'two', 'three', 'four');
  for (const host of [one, two]) if (host) host.host.updates = 'failed';
  const { metadata } = await client.createAgentUpdate({ batchSize: 1 });
  const order = ['four', 'one', 'three', 'two'];
  const paused = await become(metadata.id, 'paused', ({ status }) => status.state === 'paused');
  expect(statesOf(paused)).toEqual([`${order[0]} done`, `${order[1]} failed`, `${order[2]} waiting`, `${order[3]} waiting`]);
  expect(paused.status.message).toBe(
    'paused, because one failed: it did not start; the version before goes on. 2 hosts wait until it is let go on, or cancelled',
  );
  expect(await changesOf(one?.hostId ?? '')).toEqual(['update-requested', 'update-failed']);
  expect((await client.getHost(one?.hostId ?? '')).status.agent.update).toMatchObject({ state: 'failed', version: '0.9.9' });
  await client.steerAgentUpdate(metadata.id, 'resume');
  const done = await become(metadata.id, 'over', ({ status }) => status.finishedAt !== null);
  expect(done.status).toMatchObject({ state: 'done', message: '2 hosts run version 0.9.9, 2 failed' });
  expect((await problemFrom(client.steerAgentUpdate(metadata.id, 'resume'))).code).toBe('conflict');
});

it('is paused and cancelled by a person: what waits keeps its agent', async () => {
  const [one] = await fleet('one', 'two');
  if (one) one.host.updates = 'never';
  const { metadata } = await client.createAgentUpdate({ batchSize: 1 });
  await become(metadata.id, 'at the first host', (update) => statesOf(update)[0] === 'one updating');
  expect((await client.steerAgentUpdate(metadata.id, 'pause')).status.state).toBe('paused');
  // A host is in one update at a time.
  expect((await problemFrom(client.createAgentUpdate({}))).detail).toContain(`it is in the update ${metadata.id}, which is not over`);
  expect((await client.steerAgentUpdate(metadata.id, 'cancel')).status.state).toBe('cancelled');
  const cancelled = await become(metadata.id, 'without the second', (update) => statesOf(update)[1] === 'two cancelled');
  expect(cancelled.status.message).toBe('cancelled; one had begun and goes on to the end');
  expect((await client.createAgentUpdate({})).status.hosts.map(({ hostName, state }) => [hostName, state])).toEqual([
    ['two', 'waiting'],
    ['one', 'skipped'],
  ]);
});

it('goes on where the api is killed in the middle of it, and no agent is updated twice by two replicas', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  const added = await fleet(...names);
  const [first, , held] = added;
  if (held) held.host.updates = 'never';
  const replica = await startReplica(berth);
  const { metadata } = await client.createAgentUpdate({ batchSize: 2 });
  // Its middle lasts until the host that is held comes back.
  await become(metadata.id, 'in its second stage', (update) => ['c updating', 'd done'].every((state) => statesOf(update).includes(state)));
  await berth.api.kill();
  await berth.api.start();
  if (held) comeBackUpdated(held, first, metadata.id);
  const done = await become(metadata.id, 'over', ({ status }) => status.state === 'done');
  expect(statesOf(done)).toEqual(names.map((name) => `${name} done`));
  for (const { hostId } of added) expect(await changesOf(hostId)).toEqual(['update-requested', 'update-done']);
  await replica.process.stop();
});

it('says of what cannot be updated from here why, and which line to run there', async () => {
  const [fixed] = await fleet('fixed', 'able');
  if (fixed) {
    fixed.host.bundle = { sha256: 'old', fixed: 'the policy file on the host does not allow it ("updates")', update: null };
    fixed.agent.crash();
    fixed.agent = new SimulatedAgent(client.account.url, fixed.host);
  }
  const old = await enrolHost(client, 'one-protocol-behind');
  const agent = new ProtocolAgent(old, { protocol: OLDEST_PROTOCOL_VERSION });
  const statusOf = async (hostId = '') => (await client.getHost(hostId)).status;
  await eventually(
    'both to be known',
    async () => (await statusOf(old.hostId)).state === 'ready' && (await statusOf(fixed?.hostId)).agent.fixed,
  );
  const command = `curl -fsSL ${berth.url}/install.sh | sudo sh`;
  expect((await statusOf(old.hostId)).agent).toMatchObject({
    skew: 'protocol',
    fixed: { message: 'its agent is of a build that knows of no updates from here', command },
  });
  expect((await statusOf(fixed?.hostId)).agent.fixed).toMatchObject({ message: expect.stringContaining('policy file'), command });
  const refused = await problemFrom(client.updateHostAgent(old.hostId));
  expect(refused).toMatchObject({ code: 'conflict', detail: expect.stringContaining(`run there: ${command}`) });
  const { status } = await client.createAgentUpdate({});
  expect(status.counts).toMatchObject({ total: 3, skipped: 2, underWay: 1 });
  agent.close();
});

it('takes hosts by their labels, and one key of idempotency makes one update', async () => {
  const [eu] = await fleet('eu-1', 'us-1');
  await client.updateHost(eu?.hostId ?? '', { metadata: { labels: { zone: 'eu' } } });
  const ask = () =>
    client.send('POST', `${client.base}/agent-updates`, { spec: { labels: { zone: 'eu' } } }, { 'idempotency-key': 'once' });
  const [first, again] = [await ask(), await ask()];
  expect(first.status).toBe(201);
  expect(JSON.parse(again.text).metadata.id).toBe(JSON.parse(first.text).metadata.id);
  const done = await become(JSON.parse(first.text).metadata.id, 'over', ({ status }) => status.state === 'done');
  expect(statesOf(done)).toEqual(['eu-1 done']);
  const wrong = await client.send('POST', `${client.base}/agent-updates`, { spec: { batchSize: 1, batchPercent: 10 } });
  expect(wrong.status).toBe(400);
});

/** As it is where an agent that had gone silent in its update comes back with the new version. */
function comeBackUpdated(added: Added, like: Added | undefined, update: string): void {
  const { host } = added;
  host.updates = 'done';
  host.bundle = {
    sha256: like?.host.bundle?.sha256 ?? '',
    fixed: null,
    update: { id: update, state: 'done', message: 'runs version 0.9.9' },
  };
  added.agent.crash();
  added.agent = new SimulatedAgent(client.account.url, host);
}
