/** Runs that go by themselves after their end. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent, phaseReport } from './protocol-agent.ts';

let berth: Berth;
let agent: ProtocolAgent;

beforeAll(async () => {
  berth = await startBerth();
  agent = new ProtocolAgent(await enrolHost(berth.client, 'bare'));
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
});
afterAll(async () => {
  agent?.close();
  await berth?.stop();
});

test('a run is removed so long after its end as its spec says, with its container; others stay', async () => {
  const { client } = berth;
  const create = (ttl: { ttlSecondsAfterFinished?: number }) => client.createRun({ image: 'hello-world', ...ttl });
  const [soon, later, kept, running] = await Promise.all([
    create({ ttlSecondsAfterFinished: 0 }),
    create({ ttlSecondsAfterFinished: 3600 }),
    create({}),
    create({ ttlSecondsAfterFinished: 0 }),
  ]);
  const attempts = await Promise.all([soon, later, kept].map(({ metadata }) => agent.attemptOf(metadata.id)));
  const active = await agent.attemptOf(running.metadata.id);
  await agent.report({ phases: [...attempts.map(exited), phaseReport(active, 'running')] });
  await eventually(
    'the run to be gone',
    async () => (await client.send('GET', `${client.base}/runs/${soon.metadata.id}`)).status === 404,
    () => client.listRuns(),
  );
  const { items } = await client.listRuns();
  expect(items.map(({ metadata }) => metadata.id).sort()).toEqual([later, kept, running].map(({ metadata }) => metadata.id).sort());
  const events = JSON.parse((await client.send('GET', `${client.base}/events`)).text).items;
  expect(events).toContainEqual(expect.objectContaining({ type: 'run.deleted', id: soon.metadata.id, data: { actor: 'berth' } }));
  await eventually('its host to be told to remove the container', () =>
    agent
      .said('assign')
      .some((message) => message.mode === 'delta' && message.drop.some((drop) => drop.attemptId === attempts[0] && drop.removeContainer)),
  );
});
