/** A run that fits nowhere is placed by itself once what was in its way is gone, whatever that was; and nobody stands behind another workspace's queue. */
import { DEFAULT_POLICY } from '@berth/shared/model/host-policy';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { SimulatedEngine } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost } from '../fakes/simulated-identity.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient, RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent, type ProtocolAgentOptions, type ProtocolHost } from './protocol-agent.ts';

let berth: Berth;
const agents: { close(): void }[] = [];

beforeAll(async () => {
  berth = await startBerth();
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

async function connect(client: BerthClient, host: ProtocolHost, options: ProtocolAgentOptions = {}): Promise<ProtocolAgent> {
  const agent = new ProtocolAgent(host, options);
  agents.push(agent);
  await eventually(
    'the agent to have the whole set, and its host to be ready',
    async () => agent.said('assign').length > 0 && (await client.getHost(host.hostId)).status.state === 'ready',
    () => agent.heard,
  );
  return agent;
}

async function waits(client: BerthClient, spec: Partial<RunSpecInput>, message: string): Promise<string> {
  const { metadata } = await client.createRun({ image: 'hello-world', ...spec });
  await eventually(
    `the run to wait: ${message}`,
    async () => (await client.getRun(metadata.id)).status.waiting?.message === message,
    () => client.getRun(metadata.id),
  );
  return metadata.id;
}

describe('a run that fits nowhere is placed by itself', () => {
  it('after a label of a host was changed', async () => {
    const client = await berth.tenant('labelled');
    const host = await enrolHost(client, 'web-1', {}, { zone: 'us-1' });
    const agent = await connect(client, host);
    const placement = { constraints: [{ label: 'zone', operator: 'in' as const, values: ['eu-1'] }] };
    const runId = await waits(client, { placement }, 'no host fits: web-1 has zone us-1, not eu-1');
    await client.updateHost(host.hostId, { metadata: { labels: { zone: 'eu-1' } } });
    await agent.attemptOf(runId);
  });

  it('after a host was uncordoned', async () => {
    const client = await berth.tenant('uncordoned');
    const host = await enrolHost(client, 'web-1');
    const agent = await connect(client, host);
    await client.updateHost(host.hostId, { spec: { cordoned: true } });
    const runId = await waits(client, {}, 'no host fits: web-1 is cordoned');
    await client.updateHost(host.hostId, { spec: { cordoned: false } });
    await agent.attemptOf(runId);
  });

  it('after the policy of a host was changed', async () => {
    const client = await berth.tenant('allowed');
    const open = await enrolHost(client, 'open');
    await connect(client, open, { policy: { ...DEFAULT_POLICY, privileged: true } });
    await client.updateHost(open.hostId, { spec: { cordoned: true } });
    const strict = await enrolHost(client, 'strict');
    const before = await connect(client, strict, { policy: DEFAULT_POLICY });
    const message = 'no host fits: open is cordoned, strict does not allow privileged containers';
    const runId = await waits(client, { privileged: true }, message);
    // What its file allows now is told with another handshake.
    before.close();
    const after = await connect(client, strict, { policy: { ...DEFAULT_POLICY, privileged: true } });
    await after.attemptOf(runId);
  });

  it('after a turn of its concurrency key, or of the workspace, was given back', async () => {
    const client = await berth.tenant('turn');
    const agent = await connect(client, await enrolHost(client, 'web-1'));
    const concurrency = { key: 'deploy', limit: 1 };
    const first = await agent.attemptOf((await client.createRun({ image: 'hello-world', concurrency })).metadata.id);
    const keyed = 'waiting for its turn: at most one run at once with the concurrency key "deploy"';
    const second = await waits(client, { concurrency }, keyed);
    await agent.report({ phases: [exited(first)] });
    const holds = await agent.attemptOf(second);
    await client.send('PATCH', `${client.base}/settings`, { placement: { mostAtOnce: 1 } });
    const third = await waits(client, {}, 'waiting for its turn: at most one run at once in this workspace');
    await agent.report({ phases: [exited(holds)] });
    await agent.attemptOf(third);
  });

  it('after a drain was cancelled', async () => {
    const client = await berth.tenant('undrained');
    const host = await enrolHost(client, 'web-1');
    const agent = await connect(client, host);
    await client.send('POST', `${client.base}/hosts/${host.hostId}/drain`);
    const runId = await waits(client, {}, 'no host fits: web-1 is drained');
    await client.send('DELETE', `${client.base}/hosts/${host.hostId}/drain`);
    await agent.attemptOf(runId);
  });
});

describe('two workspaces', () => {
  const LONG_QUEUE = 500;
  const AT_ONCE = 4;
  const RUN_MS = 300;

  async function withFewTurns(name: string): Promise<BerthClient> {
    const client = await berth.tenant(name);
    await client.send('PATCH', `${client.base}/settings`, { placement: { mostAtOnce: AT_ONCE } });
    const { token } = await client.createJoinToken();
    const behaviour = () => ({ pullMs: 0, createMs: 0, startMs: 0, output: [], runMs: RUN_MS, exitCode: 0, onStop: 'exits' as const });
    const engine = new SimulatedEngine({ behaviour });
    const host = await enrolSimulatedHost({ url: client.account.url, joinToken: token, name: `${name}-1`, engine });
    agents.push(new SimulatedAgent(client.account.url, host));
    await eventually('its host to be ready', async () => (await client.getHost(host.identity.hostId)).status.state === 'ready');
    return client;
  }

  it('with five hundred runs and with five, and room for a few at a time: the five do not stand behind the five hundred', async () => {
    const [many, few] = await Promise.all([withFewTurns('many'), withFewTurns('few')]);
    await Promise.all(Array.from({ length: LONG_QUEUE }, () => many.createRun({ image: 'hello-world' })));
    const five = await Promise.all(Array.from({ length: 5 }, () => few.createRun({ image: 'hello-world' })));
    const ended = await Promise.all(five.map(({ metadata }) => few.waitRun(metadata.id)));
    expect(ended.map(({ status }) => status.phase)).toEqual(five.map(() => 'exited'));
    // Their own two turns took them a second; the others take theirs meanwhile, and are far from their end.
    const left = await many.listRuns('?phase=queued&limit=200');
    expect(left.items.length).toBe(200);
    const over = await many.listRuns('?phase=exited&limit=200');
    expect(over.items.length).toBeLessThan(200);
  }, 60_000);
});
