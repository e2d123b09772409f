/** Hosts of several workspaces that say the same engine: whose runs may be in its default network. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SIMULATED_FACTS } from '../fakes/simulated-identity.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent } from './protocol-agent.ts';

let berth: Berth;
const agents: ProtocolAgent[] = [];
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

async function connect(client: BerthClient, engineId: string, name = 'host') {
  const facts = { engine: { name: 'simulated', version: '1', apiVersion: '1.41', id: engineId } };
  const agent = new ProtocolAgent(await enrolHost(client, name, facts), { facts });
  agents.push(agent);
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
  return agent;
}

/** As its agent is told it. */
async function networkOf(client: BerthClient, agent: ProtocolAgent): Promise<string | undefined> {
  const { metadata } = await client.createRun({ image: 'tool:1' });
  return agent.assigned.get(await agent.attemptOf(metadata.id))?.spec.network;
}

const sharing = async (client: BerthClient): Promise<boolean[]> =>
  (await client.listHosts()).items.map(({ status }) => status.sharesEngine);

it('of those that come at the same moment, those of one workspace alone', async () => {
  const clients = await Promise.all(Array.from({ length: 6 }, (_, number) => berth.tenant(`crowd-${number}`)));
  const crowd = await Promise.all(clients.map((client) => connect(client, 'one engine')));
  const alone = (await Promise.all(clients.map(sharing))).flat().filter((shares) => !shares);
  expect(alone).toHaveLength(1);
  const networks = await Promise.all(clients.map((client, index) => networkOf(client, crowd[index] as ProtocolAgent)));
  expect(networks.map((network) => network ?? 'default').sort()).toEqual(['default', ...Array(5).fill('workspace')]);
});

it('the first one that had it, also once it was removed', async () => {
  const [first, second] = await Promise.all([berth.tenant('first'), berth.tenant('second')]);
  const agent = await connect(first, 'another engine');
  const other = await connect(first, 'another engine', 'beside it');
  expect(await sharing(first)).toEqual([false, false]);
  const { metadata } = await first.createRun({ image: 'tool:1' });
  const attempt = await eventually('it to be assigned', () =>
    [agent, other].flatMap(({ assigned }) => [...assigned.values()]).find(({ runId }) => runId === metadata.id),
  );
  expect(attempt.spec.network).toBeUndefined();
  await Promise.all(
    [agent, other].map((one) => one.report({ phases: one.assigned.has(attempt.attemptId) ? [exited(attempt.attemptId)] : [] })),
  );
  for (const { metadata } of (await first.listHosts()).items) {
    expect((await first.send('DELETE', `${first.base}/hosts/${metadata.id}`)).status).toBe(204);
  }

  const late = await connect(second, 'another engine');
  expect(await sharing(second)).toEqual([true]);
  expect(await networkOf(second, late)).toBe('workspace');
});

it('one whose agent does not say is as it was', async () => {
  const client = await berth.tenant('silent');
  const agent = new ProtocolAgent(await enrolHost(client, 'silent'));
  agents.push(agent);
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
  expect(SIMULATED_FACTS.engine).not.toHaveProperty('id');
  expect(await sharing(client)).toEqual([false]);
  expect(await networkOf(client, agent)).toBeUndefined();
});
