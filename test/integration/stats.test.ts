/** What containers use, from a real engine's into the store, to REST and to a socket that watches. */
import { type Push, SOCKET_PATH } from '@berth/shared/events/console-socket';
import { type RunStats, runStatsSchema, workspaceStatsSchema } from '@berth/shared/http/stats';
import type { Sample } from '@berth/shared/model/sample';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { BerthClient } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { startReplica } from '../support/replica.ts';
import { type FaultStage, hostIs, openFaultStage, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(() => stage?.close());

const statsOf = async (id: string, query = ''): Promise<RunStats> =>
  runStatsSchema.parse(JSON.parse((await client.send('GET', `${client.base}/runs/${id}/stats${query}`)).text));

/** A busy one that holds 64 MiB of memory which no file stands behind. */
const busy = sh('dd if=/dev/zero of=/memory/block bs=1M count=64 2>/dev/null; echo ready; while true; do :; done', {
  tmpfs: [{ path: '/memory' }],
  resources: { cpu: '0.5', memory: '256Mi' },
  stopSignal: 'SIGKILL',
});

it('a run that works shows so, against its limit and its host, and after its end as well', async () => {
  const { metadata } = await client.createRun(busy);
  await eventually('it to hold its memory', async () => (await client.logs(metadata.id)).includes('ready'));
  let last: RunStats | null = null;
  await eventually(
    'two samples of it at work',
    async () => {
      last = await statsOf(metadata.id);
      return last.points.filter(({ cpuMillis, memoryBytes }) => cpuMillis > 100 && memoryBytes > 60 * 2 ** 20).length >= 2;
    },
    () => last,
  );
  const { limits, step, points } = await statsOf(metadata.id);
  expect(step).toBe(10);
  expect(limits).toMatchObject({ cpuMillis: 500, memoryBytes: 256 * 2 ** 20 });
  expect(limits.hostCpuMillis).toBeGreaterThan(0);
  for (const { cpuMillis, memoryBytes, pids } of points) {
    // Half a core is all it may use; the scheduler's periods do not end with a sample.
    expect(cpuMillis).toBeLessThan(700);
    expect(memoryBytes).toBeLessThan(256 * 2 ** 20);
    expect(pids).toBeGreaterThanOrEqual(1);
  }
  const { items } = workspaceStatsSchema.parse(JSON.parse((await client.send('GET', `${client.base}/stats`)).text));
  expect(items.map(({ run }) => run)).toContain(metadata.id);
  await client.killRun(metadata.id);
  await client.waitRun(metadata.id);
  expect((await statsOf(metadata.id)).points.length).toBeGreaterThanOrEqual(points.length);
  const wrong = await client.send('GET', `${client.base}/runs/${metadata.id}/stats?since=2026-11-24T10:00:00Z&until=2026-11-24T09:00:00Z`);
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('must be after since');
});

it('who watches a run has a sample a second, from any replica', async () => {
  const { metadata } = await client.createRun(busy);
  await client.waitRun(metadata.id, 'running');
  const other = await startReplica(stage.berth);
  const socket = io(`${other.url}/console`, { path: SOCKET_PATH, transports: ['websocket'], auth: { token: client.account.token } });
  const seen: Sample[] = [];
  try {
    socket.on('push', (push: Push, done: () => void) => {
      if (push.channel === 'stats') seen.push(...push.samples.map(({ sample }) => sample));
      done();
    });
    const subscribed = await socket.emitWithAck('subscribe', {
      channel: 'stats',
      sub: 's',
      workspace: client.account.workspace,
      run: metadata.id,
    });
    expect(subscribed).toEqual({ ok: true, cursor: null });
    await eventually(
      'five live samples',
      () => seen.length >= 5,
      () => seen,
    );
    const apart = seen.slice(1).map(({ at }, index) => Date.parse(at) - Date.parse(seen[index]?.at ?? ''));
    // One that is late is followed by one in time: together they come no more often than each second. Stored ones are 10 s apart.
    expect(apart.reduce((sum, ms) => sum + ms, 0) / apart.length).toBeGreaterThan(400);
    expect(Math.min(...apart)).toBeLessThan(9000);
    expect(seen.every(({ memoryBytes }) => memoryBytes > 0)).toBe(true);
  } finally {
    socket.disconnect();
    await other.process.stop();
    await client.killRun(metadata.id);
  }
});

it.each(['stop', 'kill'] as const)('go on after the engine went away by %s and came back, for a run that lived through it', async (how) => {
  const { metadata } = await client.createRun(busy);
  await client.waitRun(metadata.id, 'running');
  const pointsAfter = (what: string, after: number) =>
    eventually(
      `a sample of it ${what}`,
      async () => (await statsOf(metadata.id)).points.some(({ at, memoryBytes }) => Date.parse(at) > after && memoryBytes > 0),
      async () => (await statsOf(metadata.id)).points.slice(-3),
      60_000,
    );
  await pointsAfter('before', 0);
  await stage.engine[how]();
  await hostIs(client, agent, 'not-ready');
  await stage.engine.start();
  await hostIs(client, agent, 'ready');
  await pointsAfter('after the engine was back', Date.now());
  await client.killRun(metadata.id);
  await client.waitRun(metadata.id);
});
