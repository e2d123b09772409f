/** Runs that cannot be placed now: each says why, and starts by itself once it can. */

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, isFree } from '../../scripts/parts/free-port.ts';
import type { Agent } from '../support/berth.ts';
import { type BerthClient, problemFrom, type Run } from '../support/client.ts';
import { eventually } from '../support/eventually.ts';
import { ended, expectStartedOnce, type FaultStage, hostIs, openFaultStage, printed, reached, running, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let first: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  first = await stage.berth.startAgent({ engine: stage.engine, name: 'first' });
});
afterAll(() => stage?.close());

const waitsBecause = (of: BerthClient, run: Run, reason: string) =>
  reached(of, run, `waiting because of ${reason}`, ({ phase, waiting }) => phase === 'queued' && waiting?.reason === reason);
const kill = async (of: BerthClient, run: Run) => {
  await of.killRun(run.metadata.id);
  return ended(of, run);
};

describe('a host port', () => {
  const serving = (text: string, hostPort: number) =>
    sh(`while :; do echo ${text} | nc -l -p 8080; done`, { ports: [{ containerPort: 8080, hostPort }] });
  const answerOf = (port: number) =>
    eventually(`an answer on port ${port}`, async () => {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.on('data', (data) => {
        text += data.toString();
      });
      await once(socket, 'close');
      return text.trim() || null;
    });

  it('that a run holds is refused with 409, the holder and a free port, which works; and it is free again after the end', async () => {
    const port = await eventually('two free ports in a row', async () => {
      const candidate = await freePort();
      return (await isFree(candidate + 1)) && candidate;
    });
    const holder = await running(client, await client.createRun(serving('holder', port), { name: 'holder' }));
    expect(await answerOf(port)).toBe('holder');
    const problem = await problemFrom(client.createRun(serving('second', port)));
    expect(problem).toMatchObject({
      status: 409,
      code: 'host-port-taken',
      holder: { runId: holder.metadata.id, runName: 'holder', hostName: 'first' },
      freeHostPort: port + 1,
    });
    expect(problem.detail).toBe(`Host port ${port}/tcp is held by run "holder" on host "first". Port ${port + 1} is free there.`);
    const second = await running(client, await client.createRun(serving('second', problem.freeHostPort ?? 0)));
    expect(await answerOf(port + 1)).toBe('second');
    expect(second.status.attempts[0]?.ports).toEqual([{ containerPort: 8080, hostPort: port + 1, protocol: 'tcp' }]);
    await kill(client, holder);
    const third = await running(client, await client.createRun(serving('third', port)));
    expect(await answerOf(port)).toBe('third');
    await Promise.all([kill(client, second), kill(client, third)]);
  });

  it('that something else on the host holds fails the run with the words of the engine', async () => {
    const server = createServer();
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const run = await ended(client, await client.createRun(serving('never', port)));
    expect(run.status).toMatchObject({ phase: 'failed', reason: 'host-port-taken', startedAt: null });
    expect(run.status.message).toContain(String(port));
    server.close();
  });
});

describe('a run that fits no host', () => {
  /** More than half of the machine: two of them never fit together. */
  const share = async () => `${Math.floor(((await client.getHost(first.hostId)).status.capacity.memoryBytes * 0.6) / 2 ** 20)}Mi`;

  it('in a workspace without one waits for the first, and starts when it joins', async () => {
    const other = await stage.berth.tenant('empty');
    const run = await waitsBecause(other, await other.createRun(sh('echo here')), 'no-host');
    expect(run.status.waiting).toMatchObject({ next: 'It starts by itself once a host has joined.' });
    await stage.berth.startAgent({ engine: stage.engine, client: other, name: 'joined' });
    const { status } = await ended(other, run);
    expect(status).toMatchObject({ phase: 'exited', exitCode: 0, hostName: 'joined', waiting: null });
  });

  it('says what each host lacks, and starts once another run has ended, or another host has joined', async () => {
    const spec = sh('sleep 600', { resources: { memory: await share() } });
    const big = await running(client, await client.createRun(spec));
    const next = await waitsBecause(client, await client.createRun(spec), 'no-host-fits');
    const third = await waitsBecause(client, await client.createRun(spec), 'no-host-fits');
    expect(next.status.waiting?.message).toMatch(/^no host fits: first lacks [\d.]+ GiB of free memory$/);
    expect(next.status.message).toBe(next.status.waiting?.message);
    await kill(client, big);
    // First come, first served.
    await running(client, next);
    expect((await client.getRun(third.metadata.id)).status.phase).toBe('queued');

    const second = await stage.berth.startAgent({ engine: stage.engine, name: 'second' });
    const placed = await running(client, third);
    expect(placed.status).toMatchObject({ hostName: 'second', waiting: null });
    const verdicts = placed.status.attempts[0]?.placement?.hosts;
    expect(verdicts?.map(({ hostName, fits }) => [hostName, fits])).toEqual([
      ['second', true],
      ['first', false],
    ]);
    expect(verdicts?.[1]?.refusals[0]?.message).toMatch(/^first lacks .* of free memory: .* unreserved$/);

    const fourth = await waitsBecause(client, await client.createRun(spec), 'no-host-fits');
    expect(fourth.status.waiting?.message).toMatch(/^no host fits: 2 of 2 hosts lack .* of free memory$/);
    await kill(client, third);
    await running(client, fourth);
    const fifth = await waitsBecause(client, await client.createRun(spec), 'no-host-fits');
    await second.stop();
    await hostIs(client, second, 'not-ready');
    const mixed = await reached(
      client,
      fifth,
      'waiting for each host',
      ({ waiting }) => waiting?.message.includes('second is not ready') === true,
    );
    expect(mixed.status.waiting?.message).toMatch(/first lacks .* of free memory/);
    await Promise.all([kill(client, next), client.killRun(fifth.metadata.id), client.killRun(fourth.metadata.id)]);
    await second.start();
    await ended(client, fourth);
  });
});

describe('an agent that is away', () => {
  let other: BerthClient;
  let agent: Agent;
  beforeAll(async () => {
    other = await stage.berth.tenant('away');
    agent = await stage.berth.startAgent({ engine: stage.engine, client: other, name: 'lonely' });
  });

  it('lets new runs wait for its host, with when it was last seen; they run when it is back', async () => {
    const before = await running(other, await other.createRun(sh('echo begun; sleep 600')));
    await printed(other, before, 'begun');
    await agent.stop();
    const host = await hostIs(other, agent, 'not-ready');
    expect(host.status.message).toBe('the agent is not connected');

    const run = await waitsBecause(other, await other.createRun(sh('echo back')), 'waiting-for-host');
    const sentence = /^waiting for host lonely, last seen \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: the agent is not connected$/;
    expect(run.status.waiting?.message).toMatch(sentence);
    expect(run.status.waiting?.next).toBe('It starts by itself once the host is ready.');
    const { status } = await reached(other, before, 'waiting for its host', ({ waiting }) => waiting?.reason === 'waiting-for-host');
    expect(status.phase).toBe('running');
    expect(status.waiting?.message).toMatch(sentence);

    await agent.start();
    expect((await ended(other, run)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    await reached(other, before, 'running and waiting for nothing', ({ phase, waiting }) => phase === 'running' && waiting === null);
    await kill(other, before);
    await expectStartedOnce(stage.engine, await other.getRun(before.metadata.id));
  });

  it('without a word, because its machine hangs, is noticed; and what it was given goes on when it answers', async () => {
    agent.freeze();
    const assigned = await other.createRun(sh('echo once'));
    const sentence = /^waiting for host lonely, last seen \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: the agent does not answer$/;
    const { status } = await reached(other, assigned, 'waiting for its host', ({ waiting }) => waiting?.reason === 'waiting-for-host');
    expect(status.phase).toBe('assigned');
    expect(status.waiting?.message).toMatch(sentence);
    const queued = await waitsBecause(other, await other.createRun(sh('echo once')), 'waiting-for-host');
    expect(queued.status.waiting?.message).toMatch(sentence);
    agent.thaw();
    for (const run of [await ended(other, assigned), await ended(other, queued)]) {
      expect(run.status).toMatchObject({ phase: 'exited', exitCode: 0 });
      await expectStartedOnce(stage.engine, run);
    }
  });
});
