/** Where a workspace wants it, a host that joins gets nothing to do before somebody has looked at it. */

import { settingsSchema } from '@berth/shared/http/settings';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';

let berth: Berth;
let client: BerthClient;
const agents: SimulatedAgent[] = [];
const addHost = async (name: string) => {
  const added = await addSimulatedHost(client, name);
  agents.push(added.agent);
  return added;
};

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

test('a new host waits for approval, gets its runs with it, and is refused for good when it is rejected', async () => {
  const before = await addHost('before');
  const answer = await client.send('PATCH', `${client.base}/settings`, { hosts: { needApproval: true } });
  expect(settingsSchema.parse(JSON.parse(answer.text)).hosts).toEqual({ needApproval: true });
  expect((await client.getHost(before.hostId)).status.approved).toBe(true);
  await client.updateHost(before.hostId, { spec: { cordoned: true } });

  const fresh = await addHost('fresh');
  expect((await client.getHost(fresh.hostId)).status).toMatchObject({ state: 'ready', approved: false });
  const { id } = (await client.createRun({ image: 'server' })).metadata;
  await eventually(
    'the run to say why it waits',
    async () => (await client.getRun(id)).status.waiting?.message === 'no host fits: before is cordoned, fresh waits for approval',
    () => client.getRun(id),
  );
  for (let again = 0; again < 2; again++) await client.approveHost(fresh.hostId);
  expect((await client.waitRun(id, 'running')).status.hostId).toBe(fresh.hostId);
  const approvals = (await client.hostEvents(fresh.hostId)).filter(({ data }) => 'change' in data && data.change === 'approved');
  expect(approvals).toHaveLength(1);
  expect(approvals[0]?.data).toMatchObject({ actor: expect.stringContaining('token:') });

  const unwanted = await addHost('unwanted');
  await client.send('DELETE', `${client.base}/hosts/${unwanted.hostId}`);
  await eventually(
    'its agent to be refused',
    () => unwanted.agent.refusal?.code === 'unknown-host',
    () => unwanted.agent.refusal,
  );
});
