/** Placement and wake-ups: what waits says why, starts once it can, and needs no wake-up that is lost with Redis. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent, phaseReport } from './protocol-agent.ts';

let berth: Berth;
let redis: Redis;
const agents: ProtocolAgent[] = [];

beforeAll(async () => {
  berth = await startBerth();
  redis = new Redis(berth.redis.url);
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  redis?.disconnect();
  await berth?.stop();
});

async function agentOn(client: BerthClient, name: string, facts: Parameters<typeof enrolHost>[2] = {}): Promise<ProtocolAgent> {
  const agent = new ProtocolAgent(await enrolHost(client, name, facts), { facts });
  agents.push(agent);
  return agent;
}

const waitsFor = (client: BerthClient, runId: string, reason: string) =>
  eventually(
    `run ${runId} to wait because of ${reason}`,
    async () => {
      const { status } = await client.getRun(runId);
      return status.waiting?.reason === reason && status;
    },
    () => client.getRun(runId),
  );

const assigned = (client: BerthClient, runIds: readonly string[]) =>
  eventually(
    'all runs to be assigned',
    async () => {
      const phases = await Promise.all(runIds.map(async (id) => (await client.getRun(id)).status.phase));
      return phases.every((phase) => phase !== 'queued');
    },
    () => Promise.all(runIds.map(async (id) => (await client.getRun(id)).status)),
  );

/** In the order in which they are placed: asked for at once, they come to the api in any order. */
const createRuns = async (client: BerthClient, count: number, spec: Parameters<BerthClient['createRun']>[0] = { image: 'hello-world' }) =>
  (await Promise.all(Array.from({ length: count }, () => client.createRun(spec)))).map(({ metadata }) => metadata.id).sort();

describe('a run that cannot be placed', () => {
  it('starts once a host joins, and then once room is made', async () => {
    const client = await berth.tenant('room');
    const [first = '', second = ''] = await createRuns(client, 2, { image: 'hello-world', resources: { memory: '3Gi' } });
    expect((await waitsFor(client, first, 'no-host')).message).toMatch(/^no host yet: add one/);
    const agent = await agentOn(client, 'small', { memoryBytes: 4 * 2 ** 30 });
    const attemptId = await agent.attemptOf(first);
    const status = await waitsFor(client, second, 'no-host-fits');
    expect(status.message).toBe('no host fits: small lacks 3 GiB of free memory');
    await agent.report({ phases: [exited(attemptId)] });
    await agent.attemptOf(second);
  });

  it('waits for the host that would fit, and starts when it is back', async () => {
    const client = await berth.tenant('away');
    const host = await enrolHost(client, 'web-1');
    const agent = new ProtocolAgent(host);
    await eventually('the host to be ready', async () => (await client.getHost(host.hostId)).status.state === 'ready');
    agent.close();
    await eventually('the host not to be ready', async () => (await client.getHost(host.hostId)).status.state === 'not-ready');
    const [runId = ''] = await createRuns(client, 1);
    const { message, waiting } = await waitsFor(client, runId, 'waiting-for-host');
    expect(message).toMatch(/^waiting for host web-1, last seen \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: the agent is not connected$/);
    expect(waiting?.next).toBe('It starts by itself once the host is ready.');
    const back = new ProtocolAgent(host);
    agents.push(back);
    await back.attemptOf(runId);
  });

  it('keeps ports apart: chosen ones differ, and a release frees them', async () => {
    const client = await berth.tenant('ports');
    const agent = await agentOn(client, 'web-1');
    const runIds = await createRuns(client, 20, { image: 'hello-world', ports: [{ containerPort: 80 }] });
    await assigned(client, runIds);
    const runs = await Promise.all(runIds.map((id) => client.getRun(id)));
    const chosen = runs.map(({ status }) => status.attempts[0]?.ports[0]?.hostPort);
    expect(new Set(chosen).size).toBe(20);
    for (const id of runIds) await agent.report({ phases: [exited(await agent.attemptOf(id))] });
    await createRuns(client, 1, { image: 'hello-world', ports: [{ containerPort: 80, hostPort: chosen[0] }] });
  });
});

describe('Redis', () => {
  it('emptied while runs are queued: all of them are placed all the same', async () => {
    const client = await berth.tenant('flushed');
    const agent = await agentOn(client, 'web-1');
    await eventually('the whole set', () => agent.said('assign').length > 0);
    const flushing = setInterval(() => void redis.flushall(), 5);
    try {
      const runIds = await createRuns(client, 60);
      await assigned(client, runIds);
      for (const id of runIds) await agent.attemptOf(id);
    } finally {
      clearInterval(flushing);
    }
    const [after = ''] = await createRuns(client, 1);
    await agent.attemptOf(after);
  });

  it('emptied while runs wait for a host: they start when it comes', async () => {
    const client = await berth.tenant('flushed-waiting');
    const runIds = await createRuns(client, 10);
    await waitsFor(client, runIds[0] ?? '', 'no-host');
    await redis.flushall();
    const agent = await agentOn(client, 'late');
    for (const id of runIds) await agent.attemptOf(id);
  });

  it('away: runs are placed and reported all the same, only later; and back: at once again', async () => {
    const client = await berth.tenant('without');
    const agent = await agentOn(client, 'web-1');
    await eventually('the whole set', () => agent.said('assign').length > 0);
    await berth.redis.stop();
    const [runId = ''] = await createRuns(client, 1);
    const attemptId = await agent.attemptOf(runId);
    expect(await agent.report({ phases: [phaseReport(attemptId, 'running'), exited(attemptId)] })).toMatchObject({ ok: true });
    expect((await client.getRun(runId)).status.phase).toBe('exited');
  });
});
