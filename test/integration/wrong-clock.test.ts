/** Hosts whose clock is wrong by an hour: what they say of times is shown, and nothing is decided by it. */
import { runStatsSchema } from '@berth/shared/http/stats';
import type { AttemptReport } from '@berth/shared/protocol/agent';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Berth, startBerth } from '../support/berth.ts';
import { eventually } from '../support/eventually.ts';
import { enrolHost, ProtocolAgent, phaseReport } from './protocol-agent.ts';

const HOUR_MS = 3_600_000;
let berth: Berth;
beforeAll(async () => {
  berth = await startBerth();
});
afterAll(() => berth?.stop());

async function connect(name: string, labels = { clock: name }): Promise<{ agent: ProtocolAgent; hostId: string }> {
  const host = await enrolHost(berth.client, name, {}, labels);
  const agent = new ProtocolAgent(host);
  await eventually('the agent to have the whole set', () => agent.said('assign').length > 0);
  return { agent, hostId: host.hostId };
}

const only = ({ clock }: { clock: string }) => ({ constraints: [{ label: 'clock', operator: 'in' as const, values: [clock] }] });

/** As a host says it whose clock is so far from ours. */
function ended(attemptId: string, byMs: number, change: Partial<AttemptReport> = {}): AttemptReport {
  const at = new Date(Date.now() + byMs).toISOString();
  return phaseReport(attemptId, 'failed', { at, finishedAt: at, reason: 'non-zero-exit', exitCode: 1, ...change });
}

it.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a replica that ended on a host with its clock an hour %s is replaced in a moment, and after ever longer pauses', async (name, byMs) => {
  const { agent } = await connect(name);
  const { metadata } = await berth.client.createService(name, {
    replicas: 1,
    template: { spec: { image: 'server:1', restart: { policy: 'never' }, placement: only({ clock: name }) } },
  });
  const seen = new Set<string>();
  const next = () =>
    eventually(
      'a replica to be assigned',
      () => [...agent.assigned.values()].find(({ attemptId }) => !seen.has(attemptId))?.attemptId,
      () => berth.client.getService(metadata.id),
    );
  let endedAt = 0;
  for (let times = 0; times < 2; times++) {
    const attemptId = await next();
    seen.add(attemptId);
    endedAt = performance.now();
    await agent.report({ phases: [ended(attemptId, byMs)] });
  }
  await next();
  // The first one was replaced after a second, this one after two: never earlier, whatever else the machine does.
  expect(performance.now() - endedAt).toBeGreaterThanOrEqual(1990);
  agent.close();
});

it.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a host with its clock an hour %s that reached no registry is passed over for a while', async (name, byMs) => {
  const labels = { clock: `registry-${name}` };
  const [one, other] = await Promise.all(['one', 'other'].map((which) => connect(`${which}-${name}`, labels)));
  if (!one || !other) throw new Error('two hosts were enrolled');
  const start = async () => {
    const { metadata } = await berth.client.createRun({
      image: 'registry.example/tool:1',
      placement: only(labels),
    });
    return eventually(
      'it to be assigned',
      () =>
        [one, other].flatMap(({ agent, hostId }) =>
          [...agent.assigned.values()].flatMap(({ runId, attemptId }) => (runId === metadata.id ? [{ agent, hostId, attemptId }] : [])),
        )[0],
    );
  };
  const first = await start();
  await first.agent.report({ phases: [ended(first.attemptId, byMs, { reason: 'registry-unreachable', exitCode: null })] });
  const later = [await start(), await start(), await start()];
  expect(later.map(({ hostId }) => hostId)).toEqual(Array(3).fill(first.hostId === one.hostId ? other.hostId : one.hostId));
  for (const { agent } of [one, other]) agent.close();
});

it('a run is kept for so long after its end was learnt of as its spec says', async () => {
  const { agent } = await connect('keeps');
  const create = (ttlSecondsAfterFinished: number) =>
    berth.client.createRun({ image: 'tool:1', ttlSecondsAfterFinished, placement: only({ clock: 'keeps' }) });
  const [atOnce, later] = await Promise.all([create(0), create(HOUR_MS / 1000 - 60)]);
  const [ahead, behind] = await Promise.all([agent.attemptOf(atOnce.metadata.id), agent.attemptOf(later.metadata.id)]);
  await agent.report({ phases: [ended(ahead, HOUR_MS), ended(behind, -HOUR_MS)] });
  await eventually(
    'the one that is not to be kept to be gone',
    async () => (await berth.client.send('GET', `${berth.client.base}/runs/${atOnce.metadata.id}`)).status === 404,
  );
  expect(await berth.client.getRun(later.metadata.id)).toMatchObject({ status: { phase: 'failed' } });
  agent.close();
});

it.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('what a run uses on a host with its clock an hour %s is of now, and its page says what its clock is', async (name, byMs) => {
  const { agent, hostId } = await connect(`uses-${name}`);
  const { metadata } = await berth.client.createRun({ image: 'tool:1', placement: only({ clock: `uses-${name}` }) });
  const attemptId = await agent.attemptOf(metadata.id);
  const at = (agoMs: number) => new Date(Date.now() + byMs - agoMs).toISOString();
  await agent.report({ phases: [phaseReport(attemptId, 'running', { at: at(0), startedAt: at(0) })] });
  const use = { cpuMillis: 250, memoryBytes: 2 ** 20, receivedBytes: 0, sentBytes: 0, readBytes: 0, writtenBytes: 0, pids: 1 };
  const before = Date.now();
  agent.send({ type: 'stats', samples: [1000, 0].map((agoMs) => ({ ...use, attemptId, stored: true, at: at(agoMs) })) });
  const points = await eventually('its samples to be stored', async () => {
    const answer = await berth.client.send(
      'GET',
      `${berth.client.base}/runs/${metadata.id}/stats?since=${new Date(before - 60_000).toISOString()}`,
    );
    const read = runStatsSchema.parse(JSON.parse(answer.text)).points;
    return read.length === 2 && read;
  });
  const times = points.map((point) => Date.parse(point.at));
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeCloseTo(1000, -2);
  expect(times[1]).toBeGreaterThanOrEqual(before - 1000);
  expect(times[1]).toBeLessThanOrEqual(Date.now());

  agent.send({ type: 'heartbeat', engine: { ready: true, message: 'ready' }, images: null, at: at(0) });
  const { status } = await eventually('it to be known how wrong its clock is', async () => {
    const host = await berth.client.getHost(hostId);
    return host.status.clockOffsetSeconds !== null && host;
  });
  expect(status.clockOffsetSeconds).toBeCloseTo(byMs / 1000, -2);
  expect(status.used).toMatchObject({ cpuMillis: 250, memoryBytes: 2 ** 20 });
  agent.close();
});
