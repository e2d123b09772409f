/** Where runs go, by what Postgres knows of hosts and of other runs: labels, company, turns, priorities, registries that failed. */
import { runPlacementSchema } from '@berth/shared/http/run-placement';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient, RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, ProtocolAgent, phaseReport } from './protocol-agent.ts';

const GIB = 2 ** 30;
let berth: Berth;
const agents: ProtocolAgent[] = [];

beforeAll(async () => {
  berth = await startBerth();
});
afterAll(async () => {
  for (const agent of agents) agent.close();
  await berth?.stop();
});

async function join(client: BerthClient, name: string, options: { labels?: Record<string, string>; memoryBytes?: number } = {}) {
  const facts = options.memoryBytes === undefined ? {} : { memoryBytes: options.memoryBytes };
  const host = await enrolHost(client, name, facts, options.labels);
  const agent = new ProtocolAgent(host, { facts });
  agents.push(agent);
  await eventually('the host to be ready', async () => (await client.getHost(host.hostId)).status.state === 'ready');
  return agent;
}

const waits = (client: BerthClient, runId: string, reason: string) =>
  eventually(
    `run ${runId} to wait because of ${reason}`,
    async () => {
      const { status } = await client.getRun(runId);
      return status.waiting?.reason === reason && status.waiting;
    },
    () => client.getRun(runId),
  );

const create = async (client: BerthClient, spec: Partial<RunSpecInput>, labels?: Record<string, string>, name?: string) =>
  (await client.createRun({ image: 'hello-world', ...spec }, { labels, name })).metadata.id;

async function placementOf(client: BerthClient, runId: string, query = '') {
  const answer = await client.send('GET', `${client.base}/runs/${runId}/placement${query}`);
  return runPlacementSchema.parse(JSON.parse(answer.text));
}

const hostOf = async (client: BerthClient, runId: string) =>
  eventually(
    'it to be placed',
    async () => (await client.getRun(runId)).status.hostName,
    () => client.getRun(runId),
  );

describe('constraints on labels', () => {
  it('are waited for, and met by a host that joins; no agent hears of them', async () => {
    const client = await berth.tenant('labels');
    await join(client, 'web-1', { labels: { zone: 'us-1' } });
    const runId = await create(client, {
      placement: { constraints: [{ label: 'zone', operator: 'in', values: ['eu-1', 'eu-2'] }] },
      priority: 3,
      concurrency: { key: 'only', limit: 1 },
    });
    expect((await waits(client, runId, 'no-host-fits')).message).toBe('no host fits: web-1 has zone us-1, not eu-1 or eu-2');
    const there = await join(client, 'web-2', { labels: { zone: 'eu-2' } });
    await there.attemptOf(runId);
    const [assignment] = [...there.assigned.values()];
    expect(assignment?.spec).toEqual({ image: 'hello-world' });
    expect((await client.getRun(runId)).spec.priority).toBe(3);
  });

  it('that make no sense are refused at their place', async () => {
    const client = await berth.tenant('senseless');
    const spec = { image: 'a', placement: { constraints: [{ label: 'zone', operator: 'in' }] }, concurrency: { key: '', limit: 0 } };
    const answer = await client.send('POST', `${client.base}/runs`, { spec });
    expect(answer.status).toBe(400);
    const { errors }: { errors: { path: string }[] } = JSON.parse(answer.text);
    expect(errors.map(({ path }) => path)).toEqual([
      'spec.placement.constraints.0.values',
      'spec.concurrency.key',
      'spec.concurrency.limit',
    ]);
  });
});

describe('other runs', () => {
  it('that are under way are kept away from and looked for', async () => {
    const client = await berth.tenant('company');
    const one = await join(client, 'web-1');
    const alone = await create(client, { placement: { antiAffinity: [{ runs: { app: 'web' }, required: true }] } }, { app: 'web' });
    await one.attemptOf(alone);
    const second = await create(client, {}, { app: 'web' });
    expect((await waits(client, second, 'no-host-fits')).message).toBe('no host fits: web-1 has a run that keeps away from app=web');
    const near = await create(client, { placement: { affinity: [{ runs: { app: 'web' }, required: true }] } });
    expect(await hostOf(client, near)).toBe('web-1');
    await join(client, 'web-2');
    expect(await hostOf(client, second)).toBe('web-2');
  });

  it('that have ended are not', async () => {
    const client = await berth.tenant('ended');
    const agent = await join(client, 'web-1');
    const apart = { placement: { antiAffinity: [{ runs: { app: 'web' }, required: true }] } };
    const first = await create(client, apart, { app: 'web' });
    const attemptId = await agent.attemptOf(first);
    const second = await create(client, apart, { app: 'web' });
    await waits(client, second, 'no-host-fits');
    await agent.report({ phases: [exited(attemptId)] });
    await agent.attemptOf(second);
  });
});

describe('turns', () => {
  it('are given by concurrency key: the next one starts when one ends, and whoever asks is told who holds it', async () => {
    const client = await berth.tenant('turns');
    const agent = await join(client, 'web-1');
    const deploy = { concurrency: { key: 'deploy', limit: 1 } };
    const first = await create(client, deploy, {}, 'deploy-1');
    const attemptId = await agent.attemptOf(first);
    const second = await create(client, deploy, {}, 'deploy-2');
    const third = await create(client, deploy, {}, 'deploy-3');
    for (const id of [second, third]) {
      expect(await waits(client, id, 'concurrency-limit')).toMatchObject({
        message: 'waiting for its turn: at most one run at once with the concurrency key "deploy"',
        next: 'It starts by itself once one of them has ended.',
      });
    }
    expect(await placementOf(client, second)).toMatchObject({
      live: true,
      message: '"deploy" is held by deploy-1; at most 1 may hold it.',
      hosts: [{ hostName: 'web-1', fits: true }],
    });
    await agent.report({ phases: [exited(attemptId)] });
    await agent.attemptOf(second);
    expect((await placementOf(client, third)).message).toBe('"deploy" is held by deploy-2; at most 1 may hold it.');
  });

  it('go to the higher priority first', async () => {
    const client = await berth.tenant('priorities');
    const agent = await join(client, 'web-1', { memoryBytes: 4 * GIB });
    const all = { resources: { memory: '4Gi' } };
    const holds = await agent.attemptOf(await create(client, all));
    const low = await create(client, all);
    const high = await create(client, { ...all, priority: 10 });
    for (const id of [low, high]) await waits(client, id, 'no-host-fits');
    await agent.report({ phases: [exited(holds)] });
    const attemptId = await agent.attemptOf(high);
    expect((await client.getRun(low)).status.phase).toBe('queued');
    await agent.report({ phases: [exited(attemptId)] });
    await agent.attemptOf(low);
  });

  it('are limited by the workspace, whose settings count at once', async () => {
    const client = await berth.tenant('limited');
    const agent = await join(client, 'web-1');
    const set = (placement: object) => client.send('PATCH', `${client.base}/settings`, { placement });
    expect(JSON.parse((await set({ mostAtOnce: 1 })).text)).toMatchObject({ placement: { strategy: 'spread', mostAtOnce: 1 } });
    await agent.attemptOf(await create(client, {}));
    const second = await create(client, {});
    expect((await waits(client, second, 'concurrency-limit')).message).toBe(
      'waiting for its turn: at most one run at once in this workspace',
    );
    expect(JSON.parse((await set({ strategy: 'bin-pack' })).text)).toMatchObject({ placement: { strategy: 'bin-pack', mostAtOnce: 1 } });
    expect(JSON.parse((await set({ mostAtOnce: null })).text)).toMatchObject({ placement: { strategy: 'bin-pack', mostAtOnce: null } });
    await agent.attemptOf(second);
  });
});

it('a host that did not reach a registry gets no more of its runs for a while, where another host can have them', async () => {
  const client = await berth.tenant('unreached');
  const one = await join(client, 'web-1');
  const image = 'registry.example/app:1';
  const first = await create(client, { image });
  const attemptId = await one.attemptOf(first);
  await one.report({ phases: [phaseReport(attemptId, 'failed', { reason: 'registry-unreachable', message: 'no route to host' })] });
  await join(client, 'web-2');
  const labels = { app: 'filler' };
  // The fuller host, by any other measure.
  for (let n = 0; n < 3; n++) await create(client, { placement: { affinity: [{ runs: labels }] } }, labels);
  const next = await create(client, { image: 'registry.example/other:2' });
  expect(await hostOf(client, next)).toBe('web-2');
  const { hosts } = await placementOf(client, next);
  expect(hosts.find(({ hostName }) => hostName === 'web-1')?.scores[0]).toMatchObject({
    score: 'registry-reach',
    value: 0,
    message: expect.stringMatching(/^did not reach registry\.example at \d\d:\d\d:\d\d UTC; preferred again from \d\d:\d\d:\d\d on$/),
  });
});

describe('the placement of a run', () => {
  it('that waits says what would do, with amounts, and pages through every host', async () => {
    const client = await berth.tenant('why');
    for (const [n, gib] of [2, 3, 1].entries()) await join(client, `web-${n + 1}`, { memoryBytes: gib * GIB });
    const runId = await create(client, { resources: { memory: '4Gi' } });
    expect((await waits(client, runId, 'no-host-fits')).message).toBe('no host fits: 3 of 3 hosts lack 4 GiB of free memory');
    const page = await placementOf(client, runId, '?limit=2');
    expect(page).toMatchObject({ live: true, considered: 3, next: 2 });
    expect(page.message).toBe('It needs 4 GiB of memory; the freest host web-2 has 3 GiB free of 3 GiB.');
    expect(page.hosts.map(({ hostName }) => hostName)).toEqual(['web-2', 'web-1']);
    expect(page.hosts[0]?.refusals).toEqual([
      { filter: 'resources', message: 'web-2 lacks 4 GiB of free memory: 3 GiB of 3 GiB memory unreserved' },
    ]);
    expect(await placementOf(client, runId, '?limit=2&offset=2')).toMatchObject({ hosts: [{ hostName: 'web-3' }], next: null });
    await join(client, 'web-4', { memoryBytes: 4 * GIB });
    expect(await hostOf(client, runId)).toBe('web-4');
    expect(await placementOf(client, runId)).toMatchObject({ live: false, message: expect.stringContaining('web-4'), considered: 4 });
  });

  it('that is nobody’s is not found', async () => {
    const client = await berth.tenant('nobody');
    expect((await client.send('GET', `${client.base}/runs/run_00000000000000000000000000/placement`)).status).toBe(404);
  });
});
