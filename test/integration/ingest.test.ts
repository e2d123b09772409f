/** What agents report, over the real protocol: nothing is applied twice, late or by the wrong one. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { runStatement } from '../support/statement.ts';
import { enrolHost, exited, logReport, ProtocolAgent, type ProtocolHost, phaseReport } from './protocol-agent.ts';

let berth: Berth;
let client: BerthClient;
let host: ProtocolHost;
let agents: ProtocolAgent[] = [];

beforeAll(async () => {
  berth = await startBerth();
  client = berth.client;
  host = await enrolHost(client, 'bare');
});
afterEach(() => {
  for (const agent of agents) agent.close();
  agents = [];
});
afterAll(() => berth?.stop());

function connect(...args: ConstructorParameters<typeof ProtocolAgent>): ProtocolAgent {
  const agent = new ProtocolAgent(...args);
  agents.push(agent);
  return agent;
}

async function connected(of = host): Promise<ProtocolAgent> {
  const agent = connect(of);
  await eventually(
    'the agent to have the whole set',
    () => agent.said('assign').length > 0,
    () => agent.heard,
  );
  return agent;
}

async function runOn(agent: ProtocolAgent): Promise<{ runId: string; attemptId: string }> {
  const { metadata } = await client.createRun({ image: 'hello-world' });
  return { runId: metadata.id, attemptId: await agent.attemptOf(metadata.id) };
}

const phasesOf = async (runId: string): Promise<string[]> => {
  const { text } = await client.send('GET', `${client.base}/runs/${runId}/events`);
  const { items } = JSON.parse(text) as { items: { type: string; data: { phase?: string } }[] };
  return items.flatMap(({ data }) => data.phase ?? []);
};

describe('a report', () => {
  it('that comes twice, or after a later one, changes nothing more', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    const running = { phases: [phaseReport(attemptId, 'running')] };
    await agent.report(running);
    await agent.report(running);
    await agent.report({ phases: [phaseReport(attemptId, 'pulling')] });
    const first = await client.getRun(runId);
    expect(first.status.phase).toBe('running');
    await agent.report({ phases: [exited(attemptId)] });
    const ended = await client.getRun(runId);
    expect(await agent.report({ phases: [exited(attemptId), phaseReport(attemptId, 'running')] })).toMatchObject({
      ok: true,
      unknown: [attemptId],
    });
    expect(await client.getRun(runId)).toEqual(ended);
    expect(await phasesOf(runId)).toEqual(['assigned', 'running', 'exited']);
  });

  it('is stored log before phase: who sees the end sees all of the output', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    const waiting = client.waitRun(runId);
    await agent.report({ phases: [exited(attemptId)], logs: [logReport(attemptId, 0, 'the last words\n')] });
    expect((await waiting).status).toMatchObject({ phase: 'exited', exitCode: 0, logBytes: 15, observedGeneration: 1, waiting: null });
    expect(await client.logs(runId)).toBe('the last words\n');
  });

  it('with what is newly confirmed is a sign of its host, unless that was seen just now or is not ready', async () => {
    // No heartbeat comes in its time but those that are sent here.
    const quiet = await startBerth({ env: { HEARTBEAT_SECONDS: '60' } });
    try {
      const bare = await enrolHost(quiet.client, 'bare');
      const agent = await connected(bare);
      const status = async () => (await quiet.client.getHost(bare.hostId)).status;
      const unseenFor = (seconds: number) =>
        runStatement(quiet.databaseUrl, `UPDATE host SET last_seen_at = now() - interval '${seconds} s'`);
      const assigned = async () => {
        const { metadata } = await quiet.client.createRun({ image: 'hello-world' });
        return agent.attemptOf(metadata.id);
      };
      const first = await assigned();
      await unseenFor(30);
      expect(await agent.report({ phases: [phaseReport(first, 'pulling')] })).not.toHaveProperty('seen');
      await unseenFor(40);
      const before = new Date().toISOString();
      const seen = await agent.report({ phases: [phaseReport(first, 'running')] });
      expect(seen).toMatchObject({ ok: true, seen: true });
      expect(seen).not.toHaveProperty('gatherMs');
      expect((await status()).lastSeenAt).toSatisfy((at: string) => at >= before);
      // Nothing is newly confirmed by the next one.
      await unseenFor(40);
      expect(await agent.report({ phases: [exited(first)] })).not.toHaveProperty('seen');

      const second = await assigned();
      agent.send({ type: 'heartbeat', engine: { ready: false, message: 'the engine does not answer' }, images: null });
      await eventually('the host to be not ready', async () => (await status()).state === 'not-ready', status);
      await unseenFor(40);
      const answer = await agent.report({ phases: [exited(second)] });
      expect(answer.ok).toBe(true);
      expect(answer).not.toHaveProperty('seen');
    } finally {
      for (const agent of agents) agent.close();
      await quiet.stop();
    }
  });

  it('can confirm what is assigned', async () => {
    const agent = await connected();
    agent.confirms = false;
    const { runId, attemptId } = await runOn(agent);
    await agent.report({ phases: [phaseReport(attemptId, 'running')] });
    await client.stopRun(runId);
    await eventually(
      'the wish to be there',
      () => agent.assigned.get(attemptId)?.desired === 'stop',
      () => agent.heard,
    );
    const observed = async () => (await client.getRun(runId)).status.observedGeneration;
    await agent.report({ phases: [phaseReport(attemptId, 'stopping')] });
    expect(await observed()).toBe(1);
    await agent.report({ phases: [phaseReport(attemptId, 'stopping', { message: 'SIGTERM' })], assigned: agent.generation });
    expect(await observed()).toBe(2);
    await agent.report({ phases: [exited(attemptId)] });
  });

  it('asks for fewer where very many come, and no longer once they do not', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    const running = { phases: [phaseReport(attemptId, 'running')] };
    const asked: number[] = [];
    const many = async () => {
      const answers = await Promise.all(Array.from({ length: 500 }, () => agent.report(running)));
      asked.push(...answers.map((answer) => (answer.ok && answer.gatherMs) || 0));
      return asked.at(-1) === 100;
    };
    await eventually('agents to be asked to gather for as long as is ever asked for', many, () => asked.at(-1));
    expect(Math.max(...asked)).toBe(100);
    await eventually('nobody to be asked any more', async () => !('gatherMs' in (await agent.report(running))));
    await agent.report({ phases: [exited(attemptId)] });
    expect((await client.getRun(runId)).status.phase).toBe('exited');
  });

  it('with log that overlaps, repeats and leaves gaps stores every byte once, and says from where to go on', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    const stored = async (offset: number, text: string) => {
      const answer = await agent.report({ logs: [logReport(attemptId, offset, text)] });
      return answer.ok ? answer.logs[0]?.stdout : answer;
    };
    expect(await stored(0, 'abc')).toBe(3);
    expect(await stored(0, 'abc')).toBe(3);
    expect(await stored(5, 'fgh')).toBe(3);
    expect(await stored(1, 'bcdef')).toBe(6);
    expect(await stored(6, 'gh')).toBe(8);
    await agent.report({ phases: [exited(attemptId)] });
    expect(await client.logs(runId)).toBe('abcdefgh');
  });

  it('of many pieces arrives whole: the connection is not cut for their number', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    const lines = Array.from({ length: 200 }, (_, n) => `line ${String(n).padStart(3, '0')}\n`);
    const logs = lines.map((line, n) =>
      logReport(attemptId, 9 * n, line, { stream: n < 100 ? 'stdout' : 'stderr', offset: 9 * (n % 100) }),
    );
    expect(await agent.report({ logs })).toMatchObject({ ok: true, logs: [{ stdout: 900, stderr: 900 }] });
    await agent.report({ phases: [exited(attemptId)] });
    expect(await client.logs(runId)).toBe(lines.join(''));
  });

  it('on an attempt of another host is not used, and named', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    const other = await connected(await enrolHost(client, 'other'));
    expect(await other.report({ phases: [exited(attemptId)], logs: [logReport(attemptId, 0, 'x')] })).toMatchObject({
      ok: true,
      logs: [],
      unknown: [attemptId],
    });
    expect((await client.getRun(runId)).status).toMatchObject({ phase: 'assigned', logBytes: 0 });
    await agent.report({ phases: [exited(attemptId)] });
  });
});

describe('a session', () => {
  it('that another one has replaced is told so, and nothing that it says is used any more', async () => {
    const old = await connected();
    const { runId, attemptId } = await runOn(old);
    const fresh = await connected();
    await eventually(
      'the old session to be refused',
      () => old.said('refused')[0]?.code === 'replaced',
      () => old.heard,
    );
    await expect(old.report({ phases: [exited(attemptId)] }, 500)).rejects.toThrow();
    expect((await client.getRun(runId)).status.phase).toBe('assigned');
    await fresh.report({ phases: [exited(attemptId)] });
    expect((await client.getRun(runId)).status.phase).toBe('exited');
  });

  it('begins with what is stored of each log, so that the agent goes on from there', async () => {
    const agent = await connected();
    const { attemptId } = await runOn(agent);
    await agent.report({ logs: [logReport(attemptId, 0, '12345'), logReport(attemptId, 0, '123', { stream: 'stderr' })] });
    agent.close();
    const next = await connected();
    expect(next.said('welcome')[0]?.logs).toContainEqual({ attemptId, stdout: 5, stderr: 3 });
    await next.report({ phases: [exited(attemptId)] });
  });

  it('with a wrong signature, or of a host that there is not, is refused and ended', async () => {
    const forged = connect(host, { signature: Buffer.alloc(64).toString('base64') });
    const unknown = connect({ ...host, hostId: 'host_01jd0000000000000000000000' });
    for (const [agent, code] of [[forged, 'bad-signature'] as const, [unknown, 'unknown-host'] as const]) {
      await eventually(
        `a refusal: ${code}`,
        () => agent.said('refused')[0]?.code === code && !agent.connected,
        () => agent.heard,
      );
    }
  });

  it('gets only what changed, and the whole set once it says that it has another generation', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    expect(agent.said('assign').map(({ mode }) => mode)).toEqual(['full', 'delta']);
    agent.send({ type: 'assigned', generation: 0, accepted: false });
    const again = await eventually(
      'the whole set',
      () => agent.said('assign')[2],
      () => agent.heard,
    );
    expect(again).toMatchObject({ mode: 'full', put: [{ attemptId, runId }] });
    await agent.report({ phases: [exited(attemptId)] });
  });

  it('hears that what it has ended is not its own any more: at the latest with its next assignment, and by itself where none comes', async () => {
    const agent = await connected();
    const forgotten = (attemptId: string) =>
      agent.said('assign').some((message) => message.mode === 'delta' && message.drop.some((drop) => drop.attemptId === attemptId));
    const first = await runOn(agent);
    await agent.report({ phases: [exited(first.attemptId)] });
    const second = await runOn(agent);
    expect(forgotten(first.attemptId)).toBe(true);
    await agent.report({ phases: [exited(second.attemptId)] });
    await eventually(
      'the last one to be forgotten, too',
      () => forgotten(second.attemptId),
      () => agent.heard,
    );
  });

  it('that does not confirm is sent the whole set again', async () => {
    const agent = await connected();
    agent.confirms = false;
    const { attemptId } = await runOn(agent);
    const again = await eventually(
      'the whole set',
      () => agent.said('assign')[2],
      () => agent.heard,
    );
    expect(again).toMatchObject({ mode: 'full', put: [{ attemptId }] });
    agent.confirms = true;
    await agent.report({ phases: [exited(attemptId)] });
  });
});

describe('a host whose agent leaves', () => {
  it('is not ready, its runs say what they wait for, and no longer once it is back', async () => {
    const agent = await connected();
    const { runId, attemptId } = await runOn(agent);
    await agent.report({ phases: [phaseReport(attemptId, 'running')] });
    agent.close();
    const away = await eventually(
      'the run to wait for its host',
      async () => {
        const run = await client.getRun(runId);
        return run.status.waiting !== null && run;
      },
      () => client.getRun(runId),
    );
    expect(away.status.waiting).toMatchObject({
      reason: 'waiting-for-host',
      message: expect.stringMatching(/^waiting for host bare, last seen .* UTC: the agent is not connected$/),
    });
    const back = await connected();
    await eventually(
      'the run to wait no more',
      async () => (await client.getRun(runId)).status.waiting === null,
      () => client.getRun(runId),
    );
    await back.report({ phases: [exited(attemptId)] });
  });
});
