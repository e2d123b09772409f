/** A running container held still and let go on, on a real engine, whatever dies meanwhile. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import { type BerthClient, problemFrom } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { type FaultStage, openFaultStage, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(() => stage?.close());

const ask = (id: string, what: 'pause' | 'resume') => client.send('POST', `${client.base}/runs/${id}/${what}`);
const reasonIs = (id: string, reason: string) =>
  eventually(
    `the run to be ${reason}`,
    async () => (await client.getRun(id)).status.reason === reason,
    async () => (await client.getRun(id)).status,
  );
const ticking = () => sh('i=0; while true; do echo $i; i=$((i+1)); sleep 0.1; done');
const start = async () => {
  const { metadata } = await client.createRun(ticking());
  await client.waitRun(metadata.id, 'running');
  await eventually('its first output', async () => (await client.logs(metadata.id)) !== '');
  return metadata.id;
};

it('a run is paused and says so, goes on when it is resumed, and its output has no gap', async () => {
  const id = await start();
  expect((await ask(id, 'pause')).status).toBe(200);
  await reasonIs(id, 'paused');
  const paused = await client.getRun(id);
  expect(paused.status).toMatchObject({ phase: 'running', desired: 'pause', waiting: { reason: 'paused' } });
  expect((await ask(id, 'pause')).status).toBe(200);
  const before = await client.logs(id);
  expect((await ask(id, 'resume')).status).toBe(200);
  await reasonIs(id, 'running');
  await eventually('more output', async () => (await client.logs(id)).length > before.length + 20);
  const lines = (await client.logs(id)).trim().split('\n');
  expect(lines).toEqual(lines.map((_, n) => String(n)));
  expect((await client.getRun(id)).status.waiting).toBeNull();
  const { items } = JSON.parse((await client.send('GET', `${client.base}/runs/${id}/events`)).text);
  const asked = items.filter(({ type }: { type: string }) => type === 'run.requested');
  expect(asked.map(({ data }: { data: { action: string } }) => data.action)).toEqual(['pause', 'resume']);
  await client.killRun(id);
});

it('what is paused stays so while its agent is killed, and is found paused by the next one', async () => {
  const id = await start();
  await ask(id, 'pause');
  await reasonIs(id, 'paused');
  await agent.kill();
  await agent.start();
  await reasonIs(id, 'paused');
  await ask(id, 'resume');
  await reasonIs(id, 'running');
  await client.killRun(id);
  expect((await client.waitRun(id)).status.reason).toBe('killed');
});

it('a paused run is stopped and killed without being resumed first', async () => {
  const [stopped, killed] = [await start(), await start()];
  for (const id of [stopped, killed]) {
    await ask(id, 'pause');
    await reasonIs(id, 'paused');
  }
  await client.stopRun(stopped);
  await client.killRun(killed);
  expect((await client.waitRun(stopped)).status).toMatchObject({ phase: 'exited', reason: 'stopped' });
  expect((await client.waitRun(killed)).status).toMatchObject({ phase: 'exited', reason: 'killed' });
});

it('one that does not run cannot be paused, and is told why', async () => {
  const { metadata } = await client.createRun(sh('exit 0'));
  await client.waitRun(metadata.id);
  const answer = await ask(metadata.id, 'pause');
  expect(answer.status).toBe(409);
  expect(JSON.parse(answer.text).detail).toBe('The run is exited: only one that runs can be paused.');
  expect(await problemFrom(client.exec(metadata.id, ['true']))).toMatchObject({ status: 409 });
});
