/** A host that is drained: what may be moved goes elsewhere, what may not is named, and nothing is stopped that has nowhere to go. */

import { hostSchema } from '@berth/shared/model/host';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient, RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent, type ProtocolHost, phaseReport } from './protocol-agent.ts';

let berth: Berth;
let client: BerthClient;
let one: ProtocolHost;
let two: ProtocolHost;
const agents: ProtocolAgent[] = [];

beforeAll(async () => {
  berth = await startBerth();
});
afterEach(() => {
  for (const agent of agents.splice(0)) agent.close();
});
afterAll(() => berth?.stop());

async function connected(host: ProtocolHost): Promise<ProtocolAgent> {
  const agent = new ProtocolAgent(host);
  agents.push(agent);
  await eventually(
    'the host to be ready',
    async () => (await client.getHost(host.hostId)).status.state === 'ready' && agent.said('assign').length > 0,
    () => client.getHost(host.hostId),
  );
  return agent;
}

async function runningOn(agent: ProtocolAgent, rest: Partial<RunSpecInput>) {
  const { metadata } = await client.createRun({ image: 'hello-world', ...rest });
  const attemptId = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attemptId, 'running')] });
  return { runId: metadata.id, attemptId };
}

const ask = async (method: string, host: ProtocolHost) => {
  const answer = await client.send(method, `${client.base}/hosts/${host.hostId}/drain`);
  expect(answer.status).toBe(200);
  return hostSchema.parse(JSON.parse(answer.text)).status.drain;
};
const drainIs = (host: ProtocolHost, what: string, isSo: (drain: NonNullable<Awaited<ReturnType<typeof ask>>>) => boolean) =>
  eventually(
    `the drain to be ${what}`,
    async () => {
      const { drain } = (await client.getHost(host.hostId)).status;
      return drain !== null && isSo(drain) && drain;
    },
    () => client.getHost(host.hostId),
  );
const toStop = (agent: ProtocolAgent, attemptId: string) =>
  eventually(
    'the attempt to be asked to stop',
    () => agent.assigned.get(attemptId)?.desired === 'stop',
    () => agent.heard,
  );

it('moves what may be moved once there is room elsewhere, names what stays, and is drained when that has ended', async () => {
  client = berth.client;
  one = await enrolHost(client, 'one');
  const agent = await connected(one);
  const memory = `${Math.floor(((await client.getHost(one.hostId)).status.capacity.memoryBytes * 0.6) / 2 ** 20)}Mi`;
  const moves = await runningOn(agent, { restart: { policy: 'always' }, resources: { memory } });
  const stays = await runningOn(agent, {});
  expect(await ask('POST', one)).toMatchObject({ total: 2, left: 2, drainedAt: null });
  const held = await drainIs(one, 'held up by both', ({ holds }) => holds.length === 2);
  expect(held.holds).toEqual([
    { runId: moves.runId, runName: 'hello-world', message: 'no other host fits it: it goes on here until one does' },
    { runId: stays.runId, runName: 'hello-world', message: expect.stringContaining('it may not be moved') },
  ]);
  expect(agent.assigned.get(moves.attemptId)?.desired).toBe('run');
  const queued = await client.createRun({ image: 'hello-world' });
  await eventually(
    'a new run to wait',
    async () => (await client.getRun(queued.metadata.id)).status.waiting?.message === 'no host fits: one is drained',
    () => client.getRun(queued.metadata.id),
  );

  two = await enrolHost(client, 'two');
  const other = await connected(two);
  await toStop(agent, moves.attemptId);
  expect(await drainIs(one, 'moving one', ({ moving }) => moving === 1)).toMatchObject({ left: 2 });
  expect((await client.getRun(moves.runId)).status.desired).toBe('run');
  await agent.report({ phases: [phaseReport(moves.attemptId, 'exited', { reason: 'stopped', exitCode: 143 })] });
  const again = await other.attemptOf(moves.runId);
  const { status } = await client.getRun(moves.runId);
  expect(status).toMatchObject({ phase: 'assigned', hostName: 'two', exitCode: null, finishedAt: null });
  expect(status.attempts).toMatchObject([
    { number: 1, phase: 'exited', reason: 'stopped', exitCode: 143 },
    { id: again, number: 2, phase: 'assigned' },
  ]);
  await drainIs(one, 'left with one', ({ left }) => left === 1);
  await agent.report({ phases: [exited(stays.attemptId)] });
  expect(await drainIs(one, 'over', ({ drainedAt }) => drainedAt !== null)).toMatchObject({ total: 2, left: 0, holds: [] });
  expect((await client.getRun(stays.runId)).status).toMatchObject({ phase: 'exited', attempts: [{ number: 1 }] });
});

it('that is cancelled stops nothing more, and the host takes runs again', async () => {
  client = await berth.tenant('cancelled');
  one = await enrolHost(client, 'one');
  const agent = await connected(one);
  const { runId, attemptId } = await runningOn(agent, { onHostLost: 'replace' });
  await ask('POST', one);
  await drainIs(one, 'held up', ({ holds }) => holds.length === 1);
  expect(await ask('DELETE', one)).toBeNull();
  const next = await client.createRun({ image: 'hello-world' });
  await agent.attemptOf(next.metadata.id);
  expect(agent.assigned.get(attemptId)?.desired).toBe('run');
  // A person's stop is the end of it, drained or not.
  await ask('POST', one);
  await client.stopRun(runId);
  await toStop(agent, attemptId);
  await agent.report({ phases: [phaseReport(attemptId, 'exited', { reason: 'stopped', exitCode: 143 })] });
  expect((await client.getRun(runId)).status).toMatchObject({ phase: 'exited', reason: 'stopped' });
});
