import { createHash } from 'node:crypto';
import type { RunSpec } from '@berth/shared/model/run';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { startMirror } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AgentApi, type StoredAttempt } from './agent-api.ts';
import { AgentProcess } from './agent-process.ts';
import { EngineProxy, type ProxyRequest } from './engine-proxy.ts';

let mirror: RegistryPart;
let engine: Engine;
let docker: Docker;
let api: AgentApi;
let home: string;
let agent: AgentProcess;
let proxy: EngineProxy;

const sh = (script: string, rest: Partial<RunSpec> = {}): RunSpec => ({
  image: 'busybox',
  pullPolicy: 'if-not-present',
  command: ['/bin/sh', '-c', script],
  ...rest,
});
const startAgent = () => {
  agent = new AgentProcess({ url: api.url, home, engine: proxy.host });
  return eventually(
    'the agent to connect',
    () => api.connected,
    () => agent.output,
  );
};
const state = (attempt: StoredAttempt) => () => ({
  phases: attempt.phases,
  bytes: attempt.bytes,
  requests: proxy.requests.slice(-20),
  agent: agent.output.slice(-3000),
});
const over = (attempt: StoredAttempt) => eventually('the attempt to end', () => attempt.over && attempt.last, state(attempt), 40_000);
const printed = (attempt: StoredAttempt, text: string) =>
  eventually(`output ${text}`, () => attempt.output('stdout').includes(text), state(attempt));
const starts = () => proxy.count('POST', /\/start$/);
/** Ten lines a second on each stream, numbered. */
const counting = (lines: number) => sh(`i=0; while [ $i -lt ${lines} ]; do echo out $i; echo err $i >&2; i=$((i+1)); sleep 0.1; done`);
const numbered = (word: string, lines: number) => Array.from({ length: lines }, (_, i) => `${word} ${i}\n`).join('');

/** Kills the agent with -9 in the moment of this request, and starts it again. */
function killAt(matches: (request: ProxyRequest) => boolean, when: 'before' | 'after'): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let done = false;
  proxy.hooks = {
    [when]: async (request: ProxyRequest) => {
      if (done || !matches(request)) return;
      done = true;
      await agent.end('SIGKILL');
      startAgent().then(() => resolve(), reject);
      if (when === 'before') throw new Error('the agent is dead: its request does not reach the engine');
    },
  };
  return promise;
}

beforeAll(async () => {
  mirror = await startMirror();
  engine = await startEngine({ mirror: mirror.url });
  docker = new Docker({ socketPath: engine.socket });
});
afterAll(async () => {
  await engine?.destroy();
  await mirror?.stop();
});
beforeEach(async () => {
  api = await new AgentApi().start();
  home = await temporaryFolder('agent-home');
  proxy = await EngineProxy.to(engine.socket, home);
  await startAgent();
});
afterEach(async () => {
  await agent.end();
  await api.stop();
  await proxy.close();
  const left = await docker.listContainers({ all: true });
  await Promise.all(
    left.map(async ({ Id }) => {
      try {
        await docker.getContainer(Id).remove({ force: true, v: true });
      } catch (error) {
        // The agent was removing it as it ended: the engine goes on with that, or has done it.
        if (!/is already in progress|no such container/i.test(String(error))) throw error;
      }
    }),
  );
  expect(api.faults).toEqual([]);
});

describe('an agent killed with -9', () => {
  it('while pulling pulls on and runs it once', async () => {
    await pushBusybox(mirror, 'library/big', '1', { layers: [3_000_000, 3_000_000] });
    const restarted = killAt(({ path }) => path.endsWith('/images/create'), 'after');
    const attempt = api.run({ image: 'big:1', command: ['/bin/echo', 'done'] });
    await restarted;
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    expect(starts()).toBe(1);
  });

  it.each(['before', 'after'] as const)('while creating, %s the engine has done it, runs it once', async (when) => {
    const restarted = killAt(({ path }) => path.endsWith('/containers/create'), when);
    const attempt = api.run(sh('echo done'));
    await restarted;
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    expect(attempt.output('stdout').toString()).toBe('done\n');
    expect(starts()).toBe(1);
  });

  it.each(['before', 'after'] as const)('while starting, %s the engine has done it, runs it once and loses nothing', async (when) => {
    const restarted = killAt(({ path }) => path.endsWith('/start'), when);
    const attempt = api.run(counting(10));
    await restarted;
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    expect(attempt.output('stdout').toString()).toBe(numbered('out', 10));
    expect(attempt.output('stderr').toString()).toBe(numbered('err', 10));
    const found = await docker.getContainer(attempt.assignment.attemptId).inspect();
    expect(found.RestartCount).toBe(0);
    // Before: the request never reached the engine, so the second is the first.
    expect(starts()).toBe(when === 'before' ? 2 : 1);
  });

  it('while it runs adopts it; no byte is lost or doubled', async () => {
    const attempt = api.run(counting(30));
    await printed(attempt, 'out 5\n');
    await agent.end('SIGKILL');
    await startAgent();
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    expect(attempt.output('stdout').toString()).toBe(numbered('out', 30));
    expect(attempt.output('stderr').toString()).toBe(numbered('err', 30));
    expect(starts()).toBe(1);
  });

  it('while it runs reports the end that came meanwhile, with all output', async () => {
    const attempt = api.run(sh('echo begin; sleep 1; head -c 40000 /dev/zero | tr "\\0" x; echo; printf end; exit 7'));
    await printed(attempt, 'begin');
    await agent.end('SIGKILL');
    const container = docker.getContainer(attempt.assignment.attemptId);
    await eventually('the container to end', async () => (await container.inspect()).State.Status === 'exited');
    await startAgent();
    expect(await over(attempt)).toMatchObject({ exitCode: 7, reason: 'non-zero-exit' });
    expect(attempt.output('stdout').toString()).toBe(`begin\n${'x'.repeat(40_000)}\nend`);
  });
});

describe('a broken line', () => {
  it('to the api loses and doubles no byte', async () => {
    const attempt = api.run(counting(20));
    for (const line of [3, 8, 13]) {
      await printed(attempt, `out ${line}\n`);
      api.disconnect();
    }
    await over(attempt);
    expect(attempt.output('stdout').toString()).toBe(numbered('out', 20));
    expect(starts()).toBe(1);
  });

  it('to the engine is told in heartbeats, and what runs is adopted', async () => {
    const attempt = api.run(counting(30));
    await printed(attempt, 'out 3\n');
    proxy.cut();
    await eventually('the heartbeat that says so', () => api.heartbeats.some((beat) => !beat.engine.ready));
    await over(attempt);
    expect(attempt.output('stdout').toString()).toBe(numbered('out', 30));
    expect(attempt.output('stderr').toString()).toBe(numbered('err', 30));
    expect(starts()).toBe(1);
    await eventually('the engine to be ready', () => api.heartbeats.at(-1)?.engine.ready);
  });

  it('swallowing the answer of create finds the container under its name', async () => {
    let swallowed = false;
    proxy.hooks.after = ({ path }) => {
      if (swallowed || !path.endsWith('/containers/create')) return;
      swallowed = true;
      throw new Error('the answer is swallowed');
    };
    expect(await over(api.run(sh('echo once')))).toMatchObject({ exitCode: 0 });
    expect(starts()).toBe(1);
  });
});

describe('an engine that goes away in the middle of a start', () => {
  /** Killed when it is asked, or when it has answered and nobody has heard. */
  function killedAtStart(when: 'before' | 'after'): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let done = false;
    proxy.hooks[when] = async ({ path }) => {
      if (done || !path.endsWith('/start')) return;
      done = true;
      await engine.kill();
      engine.start().then(resolve, reject);
      throw new Error('no answer comes of an engine that is dead');
    };
    return promise;
  }

  it('is not asked a second time: whether the container ran is told as not known', async () => {
    const restarted = killedAtStart('before');
    const attempt = api.run(sh('echo once'));
    await restarted;
    expect(await over(attempt)).toMatchObject({ phase: 'lost', reason: 'start-unknown', exitCode: null });
    expect(attempt.last?.message).toMatch(/whether it ran is not known, and it is not started a second time$/);
    expect(starts()).toBe(1);
  });

  it('nor by the next process of the agent', async () => {
    const restarted = killedAtStart('before');
    const attempt = api.run(sh('echo once'));
    await restarted;
    await agent.end('SIGKILL');
    await startAgent();
    expect(await over(attempt)).toMatchObject({ phase: 'lost', reason: 'start-unknown' });
    await agent.end('SIGKILL');
    api.heartbeats.length = 0;
    await startAgent();
    await eventually('the host to be ready', () => api.heartbeats.at(-1)?.engine.ready);
    expect(starts()).toBe(1);
  });

  it('counts that life among those that its policy allows, and begins the next one', async () => {
    const restarted = killedAtStart('before');
    const attempt = api.run(sh('echo again', { restart: { policy: 'on-failure', maxRetries: 1 } }));
    await restarted;
    expect(await over(attempt)).toMatchObject({ phase: 'exited', exitCode: 0, restarts: 1 });
    const told = attempt.phases.flatMap(({ exits }) => exits ?? []);
    expect(told).toContainEqual(expect.objectContaining({ number: 1, reason: 'start-unknown', startedAt: null }));
    expect(attempt.output('stdout').toString()).toBe('again\n');
    expect(starts()).toBe(2);
  });

  it('has the container adopted that it shows to run', async () => {
    const restarted = killedAtStart('after');
    const attempt = api.run(counting(30));
    await restarted;
    expect(await over(attempt)).toMatchObject({ phase: 'exited' });
    expect(starts()).toBe(1);
  });

  it('but was only not heard: what it did is seen, and goes on', async () => {
    let swallowed = false;
    proxy.hooks.after = ({ path }) => {
      if (swallowed || !path.endsWith('/start')) return;
      swallowed = true;
      throw new Error('the answer is swallowed');
    };
    const attempt = api.run(sh('echo once'));
    expect(await over(attempt)).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(attempt.output('stdout').toString()).toBe('once\n');
    expect(starts()).toBe(1);
  });
});

describe('an engine', () => {
  it.each(['stop', 'kill'] as const)('away by %s while it runs is adopted when it is back', async (how) => {
    const attempt = api.run(counting(40));
    await printed(attempt, 'out 3\n');
    await engine[how]();
    await eventually('the heartbeat that says so', () => api.heartbeats.at(-1)?.engine.ready === false);
    const waiting = api.run(sh('echo later'));
    await engine.start();
    expect(await over(waiting)).toMatchObject({ exitCode: 0 });
    expect(await over(attempt)).toMatchObject({ phase: 'exited' });
    expect(starts()).toBe(2);
    if (attempt.last?.exitCode !== 0) return;
    // What an engine had read and not yet written when it was killed is nowhere any more: a line or two.
    const said = attempt.output('stdout').toString().trimEnd().split('\n');
    const all = numbered('out', 40).trimEnd().split('\n');
    expect(said).toEqual(all.filter((line) => said.includes(line)));
    expect(all.length - said.length).toBeLessThanOrEqual(how === 'stop' ? 0 : 2);
  });

  it('without the image at create is asked to pull again, once, and that is said', async () => {
    await pushBusybox(mirror, 'library/vanishing', '1');
    let removed = 0;
    proxy.hooks.before = async ({ path }) => {
      if (path.endsWith('/containers/create') && removed++ === 0) await docker.getImage('vanishing:1').remove({ force: true });
    };
    const attempt = api.run({ image: 'vanishing:1', command: ['/bin/true'], pullPolicy: 'if-not-present' });
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    expect(attempt.pulls.at(-1)?.headline[0]).toContain('was removed from the host before its container was created');
  });
});

describe('a slow api', () => {
  const MEGABYTES = 50;
  const script = `head -c 1048576 /dev/urandom > /m; i=0; while [ $i -lt ${MEGABYTES} ]; do cat /m; i=$((i+1)); done; sha1sum /m >&2`;

  it('does not slow the container, and gets every byte in the end', async () => {
    const attempt = api.run(sh(script));
    await eventually('the first byte', () => attempt.bytes.stdout > 0, state(attempt));
    api.deaf = true;
    const container = docker.getContainer(attempt.assignment.attemptId);
    await eventually('the container to end', async () => (await container.inspect()).State.Status === 'exited', state(attempt), 50_000);
    expect(attempt.over).toBe(false);
    api.deaf = false;
    api.disconnect();
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    const stdout = attempt.output('stdout');
    expect(stdout.length).toBe(MEGABYTES * 1024 * 1024);
    expect(attempt.dropped).toEqual([]);
    const first = stdout.subarray(0, 1024 * 1024);
    for (let i = 1; i < MEGABYTES; i++) expect(stdout.subarray(i * first.length, (i + 1) * first.length).equals(first)).toBe(true);
    expect(attempt.output('stderr').toString()).toContain(createHash('sha1').update(first).digest('hex'));
  }, 120_000);
});
