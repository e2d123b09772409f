/** Hosts that fall silent, over the real protocol: who counts as lost, what is placed again, and that a late word changes nothing. */
import type { Host } from '@berth/shared/model/host';
import type { RunStatus } from '@berth/shared/model/run';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SIMULATED_FACTS } from '../fakes/simulated-identity.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type BerthClient, problemFrom, type Run, type RunSpecInput } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, exited, logReport, ProtocolAgent, type ProtocolHost, phaseReport } from './protocol-agent.ts';

const LOST_SECONDS = 3;

let berth: Berth;
let agents: ProtocolAgent[] = [];

beforeAll(async () => {
  berth = await startBerth({ env: { HEARTBEAT_SECONDS: '0.5', HOST_LOST_SECONDS: String(LOST_SECONDS) } });
});
afterEach(() => {
  for (const agent of agents) agent.close();
  agents = [];
});
afterAll(() => berth?.stop());

let tenants = 0;
/** A workspace of its own: hosts of other tests would count. */
const workspace = () => berth.tenant(`loss-${++tenants}`);

async function hostIs(client: BerthClient, { hostId }: ProtocolHost, state: Host['status']['state']): Promise<Host> {
  return eventually(
    `host ${hostId} to be ${state}`,
    async () => {
      const host = await client.getHost(hostId);
      return host.status.state === state && host;
    },
    () => client.getHost(hostId),
    30_000,
  );
}

type Facts = Partial<typeof SIMULATED_FACTS>;

async function connected(client: BerthClient, host: ProtocolHost, facts: Facts = {}): Promise<ProtocolAgent> {
  const agent = new ProtocolAgent(host, { facts });
  agents.push(agent);
  await eventually(
    'the agent to have the whole set',
    () => agent.said('assign').length > 0,
    () => agent.heard,
  );
  await hostIs(client, host, 'ready');
  return agent;
}

async function enrolled(
  client: BerthClient,
  name: string,
  { facts = {}, labels = {} }: { facts?: Facts; labels?: Record<string, string> } = {},
): Promise<{ host: ProtocolHost; agent: ProtocolAgent }> {
  const host = await enrolHost(client, name, facts, labels);
  return { host, agent: await connected(client, host, facts) };
}

/** A run that its host says runs. */
async function runningOn(client: BerthClient, agent: ProtocolAgent, rest: Partial<RunSpecInput> = {}) {
  const { metadata } = await client.createRun({ image: 'hello-world', ...rest });
  const attemptId = await agent.attemptOf(metadata.id);
  await agent.report({ phases: [phaseReport(attemptId, 'running')], logs: [logReport(attemptId, 0, 'before\n')] });
  return { runId: metadata.id, attemptId };
}

const runIs = (client: BerthClient, runId: string, what: string, isSo: (status: RunStatus) => boolean): Promise<Run> =>
  eventually(
    `run ${runId} to be ${what}`,
    async () => {
      const run = await client.getRun(runId);
      return isSo(run.status) && run;
    },
    () => client.getRun(runId),
    30_000,
  );
const giveUp = (client: BerthClient, what: string) => client.send('POST', `${client.base}/${what}/give-up`);
const replace = { onHostLost: 'replace' } as const;

describe('a run that may be replaced', () => {
  it('says until when it waits; then it is placed on another host, and what the old one still says changes nothing', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId, attemptId } = await runningOn(client, one.agent, replace);
    const two = await enrolled(client, 'two');
    one.agent.close();
    const waiting = await runIs(client, runId, 'waiting for its host', (status) => status.waiting !== null);
    const { lastSeenAt } = (await client.getHost(one.host.hostId)).status;
    expect(waiting.status.waiting).toMatchObject({
      reason: 'waiting-for-host',
      deadline: new Date(Date.parse(lastSeenAt ?? '') + LOST_SECONDS * 1000).toISOString(),
      next: 'Unless one is back by then, it is placed on another host, as soon as one has room for it.',
    });

    const second = await two.agent.attemptOf(runId);
    const lost = await hostIs(client, one.host, 'lost');
    expect(lost.status.waiting).toMatchObject({ reason: 'host-lost', deadline: null });
    const placed = (await client.getRun(runId)).status;
    expect(placed).toMatchObject({ phase: 'assigned', hostName: 'two', restarts: 0, startedAt: null });
    expect(placed.attempts).toMatchObject([
      { id: attemptId, number: 1, phase: 'lost', reason: 'host-lost', hostName: 'one' },
      { id: second, number: 2, phase: 'assigned', hostName: 'two' },
    ]);
    expect(placed.attempts[0]?.message).toMatch(
      /^host one counts as lost: nothing was heard of it since .* UTC; .* first 7 bytes is not known$/,
    );
    await two.agent.report({ phases: [phaseReport(second, 'running')], logs: [logReport(second, 0, 'again\n')] });

    const back = await connected(client, one.host);
    expect([...back.assigned.keys()]).toEqual([]);
    const before = await client.getRun(runId);
    const late = { phases: [exited(attemptId)], logs: [logReport(attemptId, 7, 'late\n')] };
    expect(await back.report(late)).toMatchObject({ ok: true, unknown: [attemptId] });
    expect(await client.getRun(runId)).toEqual(before);
    expect(await client.logs(runId)).toBe('before\nagain\n');
    await two.agent.report({ phases: [exited(second)] });
    expect((await client.getRun(runId)).status).toMatchObject({ phase: 'exited', exitCode: 0 });

    const { items } = JSON.parse((await client.send('GET', `${client.base}/runs/${runId}/events`)).text);
    const told = (items as { type: string; data: { phase?: string } }[]).flatMap(({ type, data }) =>
      type === 'run.phase' || type === 'run.replacing' ? (data.phase ?? type) : [],
    );
    expect(told).toEqual(['assigned', 'running', 'run.replacing', 'assigned', 'running', 'exited']);
  });

  it('waits while there is no other host to take it, and is placed as soon as there is', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId } = await runningOn(client, one.agent, replace);
    one.agent.close();
    await hostIs(client, one.host, 'lost');
    expect((await client.getRun(runId)).status).toMatchObject({ phase: 'running', hostName: 'one' });
    const two = await enrolled(client, 'two');
    await two.agent.attemptOf(runId);
  });

  it('waits while no other host fits it, says what they lack, and is placed as soon as one does', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId, attemptId } = await runningOn(client, one.agent, { ...replace, resources: { memory: '2Gi' } });
    await enrolled(client, 'small', { facts: { memoryBytes: 2 ** 30 } });
    one.agent.close();
    const { status } = await runIs(
      client,
      runId,
      'without a place',
      ({ waiting }) => waiting?.message.includes('no place elsewhere') === true,
    );
    expect(status).toMatchObject({ phase: 'running', hostName: 'one', attempts: [{ id: attemptId }] });
    expect(status.waiting).toMatchObject({
      reason: 'waiting-for-host',
      deadline: null,
      message: expect.stringMatching(
        /^host one counts as lost: .* UTC; it has no place elsewhere: no host fits: small lacks 2 GiB of free memory$/,
      ),
      next: 'It is placed on another host as soon as one has room for it, or goes on here if its host is back before.',
    });
    const large = await enrolled(client, 'large');
    await large.agent.attemptOf(runId);
    expect((await client.getRun(runId)).status.attempts).toMatchObject([{ phase: 'lost', hostName: 'one' }, { hostName: 'large' }]);
  });

  it('goes on where it was if its host is back before another one fits, and waits for nothing then', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId, attemptId } = await runningOn(client, one.agent, { ...replace, resources: { memory: '2Gi' } });
    await enrolled(client, 'small', { facts: { memoryBytes: 2 ** 30 } });
    one.agent.close();
    await runIs(client, runId, 'without a place', ({ waiting }) => waiting?.message.includes('no place elsewhere') === true);
    const back = await connected(client, one.host);
    expect([...back.assigned.keys()]).toEqual([attemptId]);
    await runIs(client, runId, 'waiting for nothing', ({ waiting }) => waiting === null);
  });

  it('is not in its own way where it keeps away from its like', async () => {
    const client = await workspace();
    const labels = { zone: 'a' };
    const one = await enrolled(client, 'one', { labels });
    const { metadata } = await client.createRun(
      { image: 'hello-world', ...replace, placement: { antiAffinity: [{ runs: { app: 'db' }, topology: 'zone', required: true }] } },
      { labels: { app: 'db' } },
    );
    await one.agent.attemptOf(metadata.id);
    const two = await enrolled(client, 'two', { labels });
    one.agent.close();
    await two.agent.attemptOf(metadata.id);
  });

  it('goes on where it was if its host is back in time', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    await enrolled(client, 'two');
    const { metadata } = await client.createRun({ image: 'hello-world', onHostLost: 'replace', hostLostAfterSeconds: 3600 });
    const placed = await runIs(client, metadata.id, 'placed', ({ phase }) => phase === 'assigned');
    const [attempt] = placed.status.attempts;
    const agent = agents[placed.status.hostName === 'one' ? 0 : 1];
    const host = placed.status.hostName === 'one' ? one.host : { ...one.host, hostId: placed.status.hostId ?? '' };
    agent?.close();
    await hostIs(client, host, 'lost');
    const { waiting, attempts } = (await client.getRun(metadata.id)).status;
    expect(attempts).toHaveLength(1);
    expect(Date.parse(waiting?.deadline ?? '')).toBeGreaterThan(Date.parse(attempt?.createdAt ?? '') + 3_000_000);
  });

  it('whose end was asked for meanwhile is lost with its host', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId } = await runningOn(client, one.agent, replace);
    await enrolled(client, 'two');
    one.agent.close();
    await runIs(client, runId, 'waiting for its host', (status) => status.waiting !== null);
    await client.stopRun(runId);
    const { status } = await client.waitRun(runId);
    expect(status).toMatchObject({ phase: 'lost', reason: 'host-lost', waiting: null });
    expect(status.attempts).toHaveLength(1);
  });
});

describe('a host that is taken out of the workspace', () => {
  it('leaves what may be replaced to another host, and loses the rest', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const moves = await runningOn(client, one.agent, replace);
    const waits = await runningOn(client, one.agent);
    const ends = await runningOn(client, one.agent, replace);
    await client.stopRun(ends.runId);
    const two = await enrolled(client, 'two');
    expect((await client.send('DELETE', `${client.base}/hosts/${one.host.hostId}`)).status).toBe(204);
    const second = await two.agent.attemptOf(moves.runId);
    const { status } = await client.getRun(moves.runId);
    expect(status.attempts).toMatchObject([
      { id: moves.attemptId, phase: 'lost', reason: 'host-removed' },
      { id: second, number: 2, hostName: 'two' },
    ]);
    for (const { runId } of [waits, ends]) {
      expect((await client.getRun(runId)).status).toMatchObject({ phase: 'lost', reason: 'host-removed', waiting: null, attempts: [{}] });
    }
  });

  it('leaves what fits nowhere else in the queue, with what would help', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId } = await runningOn(client, one.agent, { ...replace, resources: { memory: '2Gi' } });
    await enrolled(client, 'small', { facts: { memoryBytes: 2 ** 30 } });
    await client.send('DELETE', `${client.base}/hosts/${one.host.hostId}`);
    const { status } = await runIs(client, runId, 'queued', ({ waiting }) => waiting?.reason === 'no-host-fits');
    expect(status).toMatchObject({ phase: 'queued', waiting: { message: 'no host fits: small lacks 2 GiB of free memory' } });
    const large = await enrolled(client, 'large');
    await large.agent.attemptOf(runId);
  });
});

describe('a run that waits for its host', () => {
  it('is never placed again: it waits, says so, and goes on when the lost host is back', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId, attemptId } = await runningOn(client, one.agent);
    await enrolled(client, 'two');
    one.agent.close();
    await hostIs(client, one.host, 'lost');
    const { status } = await runIs(
      client,
      runId,
      'waiting for a lost host',
      ({ waiting }) => waiting?.message.includes('counts as lost') === true,
    );
    expect(status).toMatchObject({
      phase: 'running',
      waiting: { deadline: null, next: 'It goes on when the host is back, or ends as lost when somebody says that the host is gone.' },
    });
    const back = await connected(client, one.host);
    expect([...back.assigned.keys()]).toEqual([attemptId]);
    await runIs(client, runId, 'waiting for nothing', ({ waiting }) => waiting === null);
    await back.report({ phases: [exited(attemptId)] });
    expect((await client.getRun(runId)).status).toMatchObject({ phase: 'exited', attempts: [{ number: 1 }] });
  });

  it('ends as lost once a person says that its host is gone; a host that is heard cannot be given up', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId, attemptId } = await runningOn(client, one.agent);
    const other = await runningOn(client, one.agent);
    expect((await problemFrom(client.giveUpRun(runId))).code).toBe('conflict');
    expect((await giveUp(client, `hosts/${one.host.hostId}`)).status).toBe(409);
    await enrolled(client, 'two');
    one.agent.close();
    await hostIs(client, one.host, 'not-ready');
    const given = await client.giveUpRun(runId);
    expect(given.status).toMatchObject({ phase: 'lost', reason: 'host-gone', waiting: null });
    expect((await client.getRun(other.runId)).status.phase).toBe('running');
    const back = await connected(client, one.host);
    expect([...back.assigned.keys()]).toEqual([other.attemptId]);
    await back.report({ phases: [phaseReport(attemptId, 'running'), exited(other.attemptId)] });
    expect((await client.getRun(runId)).status.phase).toBe('lost');
  });

  it('is lost with all others of a host that is said to be gone, where they may not be placed again', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const waits = await runningOn(client, one.agent);
    const moves = await runningOn(client, one.agent, { onHostLost: 'replace', hostLostAfterSeconds: 3600 });
    const two = await enrolled(client, 'two');
    one.agent.close();
    await hostIs(client, one.host, 'not-ready');
    expect((await giveUp(client, `hosts/${one.host.hostId}`)).status).toBe(200);
    const gone = await client.getHost(one.host.hostId);
    expect(gone.status.state).toBe('lost');
    expect(gone.status.message).toMatch(/ said that it is gone$/);
    expect((await client.waitRun(waits.runId)).status).toMatchObject({ phase: 'lost', reason: 'host-gone' });
    await two.agent.attemptOf(moves.runId);
    await connected(client, one.host);
    expect((await client.getHost(one.host.hostId)).status).toMatchObject({ state: 'ready', waiting: null });
  });
});

describe('a host that is said to be gone', () => {
  it('leaves what may be replaced to the scheduler, also while no other host fits it', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    const { runId } = await runningOn(client, one.agent, { ...replace, resources: { memory: '2Gi' }, hostLostAfterSeconds: 3600 });
    await enrolled(client, 'small', { facts: { memoryBytes: 2 ** 30 } });
    one.agent.close();
    await hostIs(client, one.host, 'not-ready');
    expect((await giveUp(client, `hosts/${one.host.hostId}`)).status).toBe(200);
    const { status } = await runIs(client, runId, 'queued', ({ waiting }) => waiting?.reason === 'no-host-fits');
    expect(status).toMatchObject({ phase: 'queued', attempts: [{ phase: 'lost', reason: 'host-gone' }] });
    expect(status.waiting?.message).toContain('small lacks 2 GiB of free memory');
    const large = await enrolled(client, 'large');
    await large.agent.attemptOf(runId);
  });
});

describe('silence that says more of Berth than of the hosts', () => {
  it('most hosts of a workspace at once: none counts as lost before three times its time, and it says so', async () => {
    const client = await workspace();
    const three = [await enrolled(client, 'one'), await enrolled(client, 'two'), await enrolled(client, 'three')] as const;
    three[0].agent.close();
    three[1].agent.close();
    const held = await eventually(
      'both to be looked at for longer',
      async () => {
        const hosts = await Promise.all(three.slice(0, 2).map(({ host }) => client.getHost(host.hostId)));
        return hosts.every(({ status }) => status.waiting?.next.startsWith('Most hosts fell silent together')) && hosts;
      },
      () => client.listHosts(),
    );
    for (const { status } of held) {
      const { lastSeenAt, waiting } = status;
      expect(Date.parse(waiting?.deadline ?? '') - Date.parse(lastSeenAt ?? '')).toBe(3 * LOST_SECONDS * 1000);
    }
    const lost = await hostIs(client, three[0].host, 'lost');
    expect(Date.parse(lost.status.waiting?.since ?? '')).toBeGreaterThanOrEqual(Date.parse(held[0]?.status.waiting?.deadline ?? ''));
  });

  it('an api that was away itself: the silence counts from when it listens again', async () => {
    const client = await workspace();
    const one = await enrolled(client, 'one');
    await enrolled(client, 'two');
    await enrolled(client, 'three');
    await berth.api.kill();
    for (const agent of agents) agent.close();
    const killedAt = Date.now();
    await eventually('the api to have been away for longer than a host may be', () => Date.now() - killedAt > (LOST_SECONDS + 1) * 1000);
    const startedAt = Date.now();
    await berth.api.start();
    const away = await eventually(
      'its deadline to be known',
      async () => (await client.getHost(one.host.hostId)).status.waiting?.deadline,
      () => client.getHost(one.host.hostId),
    );
    expect(Date.parse(away)).toBeGreaterThanOrEqual(startedAt + LOST_SECONDS * 1000);
  });
});
