/** Engines that go away and come back: hosts say so, and what ran is adopted, or its end is told as it was. */
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../support/berth.ts';
import type { BerthClient, Run } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import {
  containersOf,
  counting,
  ended,
  expectAllCounted,
  type FaultStage,
  hostIs,
  isOver,
  logsOf,
  openFaultStage,
  printed,
  reached,
  running,
  sh,
} from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;
let agent: Agent;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  agent = await stage.berth.startAgent({ engine: stage.engine, name: 'restoring' });
});
afterAll(() => stage?.close());

describe('an engine that keeps its containers running while it is away', () => {
  it.each(['stop', 'kill'] as const)('by %s: the host says so, and the run is adopted with its output when it is back', async (how) => {
    const run = await client.createRun(counting(60));
    await printed(client, run, 'out 3\n');
    await stage.engine[how]();
    const host = await hostIs(client, agent, 'not-ready');
    expect(host.status.message).toMatch(/container engine (went away|does not answer)/);
    const { status } = await reached(client, run, 'waiting for the engine', ({ waiting }) => waiting?.reason === 'waiting-for-engine');
    expect(status.phase).toBe('running');
    expect(status.waiting?.message).toMatch(/^waiting for host restoring: the container engine /);
    const queued = await client.createRun(sh('echo later'));
    await reached(
      client,
      queued,
      'waiting for the host',
      ({ phase, waiting }) => phase === 'queued' && waiting?.reason === 'waiting-for-host',
    );

    await stage.engine.start();
    await hostIs(client, agent, 'ready');
    await reached(client, run, 'running and waiting for nothing', ({ phase, waiting }) => phase !== 'running' || waiting === null);
    expect((await ended(client, queued)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    const over = await ended(client, run);
    expect(over.status).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0, waiting: null });
    if (how === 'stop') await expectAllCounted(client, over, 60);
    else await expectAllCountedButOneMoment(over, 60);
    expect(over.status.attempts).toHaveLength(1);
    expect(await containersOf(stage.engine, over)).toHaveLength(1);
  });

  it('tells the end that a run came to meanwhile, and that the last of its output may be missing', async () => {
    // In the command line of its process, and of no other one on this machine.
    const mark = randomUUID();
    const run = await client.createRun(sh(`echo begun; while [ ! -e /go ]; do sleep 0.1; done; echo done; exit 9 # ${mark}`));
    await printed(client, run, 'begun');
    expect(processesWith(mark)).not.toEqual([]);
    await stage.engine.stop();
    await hostIs(client, agent, 'not-ready');
    letGo(mark);
    await eventually('the container to end', () => processesWith(mark).length === 0);
    expect((await client.getRun(run.metadata.id)).status.phase).toBe('running');
    await stage.engine.start();
    const over = await ended(client, run);
    expect(over.status).toMatchObject({ phase: 'exited', reason: 'non-zero-exit', exitCode: 9 });
    // Docker itself loses what nobody had read when the container ended; that is said.
    expect(over.status.message).toBe('exited 9; it ended while the container engine was away, so the last of its output may be missing');
    expect('begun\ndone\n'.startsWith(await client.logs(run.metadata.id))).toBe(true);
  });
});

describe('an engine and its agent that are both away', () => {
  it('while a run ends: the end is told, and that the last of its output may be missing', async () => {
    const mark = randomUUID();
    const run = await client.createRun(sh(`echo begun; while [ ! -e /go ]; do sleep 0.1; done; echo done; exit 9 # ${mark}`));
    await printed(client, run, 'begun');
    await stage.engine.stop();
    await agent.kill();
    letGo(mark);
    await eventually('the container to end', () => processesWith(mark).length === 0);
    const says = (message: RegExp) =>
      eventually(`the host to say ${message}`, async () => message.test((await client.getHost(agent.hostId)).status.message));
    await says(/^the agent is not connected$/);
    await Promise.all([agent.start(), says(/^the container engine /).then(() => stage.engine.start())]);
    const over = await ended(client, run);
    expect(over.status).toMatchObject({ phase: 'exited', reason: 'non-zero-exit', exitCode: 9 });
    expect(over.status.message).toBe('exited 9; it ended while the container engine was away, so the last of its output may be missing');
  });
});

describe('an engine that takes its containers with it', () => {
  let fragile: Engine;
  let other: BerthClient;
  let there: Agent;
  beforeAll(async () => {
    other = await stage.berth.tenant('fragile');
    fragile = await startEngine({ mirror: stage.mirror.url, liveRestore: false });
    there = await stage.berth.startAgent({ engine: fragile, client: other, name: 'fragile' });
  });
  afterAll(() => fragile?.destroy());

  it.each(['stop', 'kill'] as const)(
    'by %s: the end of the run is told as it was once the engine is back, and it is not started again',
    async (how) => {
      const run = await other.createRun(sh('trap "echo bye; exit 143" TERM; echo begun; while :; do sleep 0.05; done'));
      await printed(other, run, 'begun');
      await fragile[how]();
      await hostIs(other, there, 'not-ready');
      await fragile.start();
      // Its agent may have heard of the end already: an engine that stops still tells what it can.
      const over = await reached(other, run, 'at an end', isOver, 60_000, () => ({ engine: fragile.log(), agent: logsOf(there) }));
      // An engine that was killed ends what is left of its containers at its next start, by the same signal.
      expect(over.status).toMatchObject({ phase: 'exited', reason: 'signalled', exitCode: 143, signal: 'SIGTERM' });
      expect(await other.logs(run.metadata.id)).toContain('begun\n');
      expect(over.status.attempts).toHaveLength(1);
      const containers = await containersOf(fragile, over);
      expect(containers.map(({ State }) => State)).toEqual(['exited']);
      const next = await ended(other, await other.createRun(sh('echo next')));
      expect(next.status).toMatchObject({ phase: 'exited', exitCode: 0 });
    },
  );
});

describe('an engine that hangs', () => {
  it('is noticed: its host is not ready, the run says what it waits for, and all goes on when it answers', async () => {
    const before = await running(client, await client.createRun(sh('echo begun; sleep 600')));
    await printed(client, before, 'begun');
    const thaw = freeze(stage.engine);
    try {
      const run = await client.createRun(sh('echo at last'));
      const host = await hostIs(client, agent, 'not-ready');
      expect(host.status.message).toBe('the container engine does not answer: nothing came from it for 5 s');
      const { status } = await reached(client, run, 'waiting', ({ waiting }) => waiting?.reason === 'waiting-for-engine');
      expect(status.waiting?.message).toBe(`waiting for host restoring: ${host.status.message}`);
      thaw();
      expect((await ended(client, run)).status).toMatchObject({ phase: 'exited', exitCode: 0, waiting: null });
      await hostIs(client, agent, 'ready');
      await client.killRun(before.metadata.id);
      expect((await ended(client, before)).status).toMatchObject({ phase: 'exited', reason: 'killed' });
    } finally {
      thaw();
    }
  });
});

/**
 * What an engine had read of a container's pipe and not yet written when it was killed with -9 is nowhere any more: Docker's own record
 * lacks it too. That is a line or two; everything else is there, whole, once and in order.
 */
async function expectAllCountedButOneMoment(run: Run, lines: number): Promise<void> {
  for (const [stream, word] of [
    ['stdout', 'out'],
    ['stderr', 'err'],
  ] as const) {
    const text = (await client.logBytes(run.metadata.id, stream)).toString();
    const numbers = text
      .trimEnd()
      .split('\n')
      .map((line) => Number(new RegExp(`^${word} (\\d+)$`).exec(line)?.[1]));
    expect(numbers).toEqual([...new Set(numbers)].filter((number) => number >= 0 && number < lines).sort((a, b) => a - b));
    const missing = Array.from({ length: lines }, (_, line) => line).filter((line) => !numbers.includes(line));
    expect(missing.length).toBeLessThanOrEqual(2);
  }
}

/** Stops the process of the engine without ending it; returns what lets it go on. */
function freeze({ child }: Engine): () => void {
  if (!child) throw new Error('the engine does not run');
  const [program] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
  process.kill(Number(program), 'SIGSTOP');
  // What put the engine into its sandbox stops with it, and lets it go on with itself.
  return () => child.signal('SIGCONT');
}

/** Ids of the processes of this machine, containers included, that have the text in their command line. */
function processesWith(text: string): string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(text));
}

/** Lets the container go on that waits for /go: its engine is away, and cannot be asked to. */
function letGo(mark: string): void {
  for (const pid of processesWith(mark)) writeFileSync(`/proc/${pid}/root/go`, '');
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended since.
    return '';
  }
}
