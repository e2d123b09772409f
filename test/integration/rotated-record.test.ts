/**
 * Nobody listens while a container writes, and it has written more than its engine keeps: its record no longer begins with the first byte. Every byte that is
 * left in it is read once and in order, and where the engine has let go of some before they were read, the log says so there.
 */
import type { RunSpec } from '@berth/shared/model/run';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AgentApi, type StoredAttempt } from './agent-api.ts';
import { AgentProcess } from './agent-process.ts';

vi.setConfig({ testTimeout: 150_000 });

/** Four files of half a MiB. */
const RECORD_BYTES = 2 * 1024 * 1024;
/** Lines, which do not fit into the record. */
const FIRST = 62_500;
/** Fit into one file of it. */
const FEW = 5_000;
/** Fill it several times. */
const MANY = 100_000;

let mirror: RegistryPart;
let engine: Engine;
let docker: Docker;
let api: AgentApi;
let home: string;
let agent: AgentProcess;

const sh = (script: string, rest: Partial<RunSpec> = {}): RunSpec => ({
  image: 'busybox',
  pullPolicy: 'if-not-present',
  command: ['/bin/sh', '-c', script],
  ...rest,
});
const startAgent = () => {
  agent = new AgentProcess({ url: api.url, home, engine: engine.host, env: { BERTH_RECORD_BYTES: String(RECORD_BYTES) } });
  return eventually(
    'the agent to connect',
    () => api.connected,
    () => agent.output,
  );
};

const lines = (from: number, to: number, end = '\n') =>
  Array.from({ length: to - from }, (_, index) => `${String(from + index).padStart(7, '0')} of the lines of its output${end}`).join('');
const print = (from: number, to: number) =>
  `awk 'BEGIN { for (i = ${from}; i < ${to}; i++) printf "%07d of the lines of its output\\n", i }'`;
const awaiting = (file: string) => `while [ ! -e /${file} ]; do sleep 0.05; done`;

const state = (attempt: StoredAttempt) => () => ({
  phases: attempt.phases.map(({ phase, message }) => [phase, message]),
  bytes: attempt.bytes,
  dropped: attempt.dropped,
  agent: agent.output.slice(-3000),
});
const stored = (attempt: StoredAttempt, bytes: number, stream: 'stdout' | 'stderr' = 'stdout') =>
  eventually(`${bytes} bytes of ${stream} to be stored`, () => attempt.bytes[stream] >= bytes, state(attempt), 60_000);
const over = (attempt: StoredAttempt) => eventually('the attempt to end', () => attempt.over && attempt.last, state(attempt), 60_000);

async function touch(attempt: StoredAttempt, ...files: string[]): Promise<void> {
  const exec = await docker.getContainer(attempt.assignment.attemptId).exec({ Cmd: ['touch', ...files.map((file) => `/${file}`)] });
  await exec.start({});
  await eventually(`${files} to be there`, async () => !(await exec.inspect()).Running);
}

const changedPaths = (changes: unknown) =>
  z
    .array(z.object({ Path: z.string() }))
    .parse(changes)
    .map(({ Path }) => Path);

/** In the container's own file system, which no reader of its output is needed for. */
const wrote = (attempt: StoredAttempt, file: string) =>
  eventually(
    `the container to have written up to ${file}`,
    async () => changedPaths(await docker.getContainer(attempt.assignment.attemptId).changes()).includes(`/${file}`),
    state(attempt),
    60_000,
  );

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
  api.newest = 4;
  home = await temporaryFolder('agent-home');
  await startAgent();
});
afterEach(async () => {
  await agent.end();
  await api.stop();
  const left = await docker.listContainers({ all: true });
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  expect(api.faults).toEqual([]);
});

const [go, end] = [FIRST + FEW, FIRST + 2 * FEW];

it('an agent that was killed goes on behind what is stored, though the record no longer begins with the first byte', async () => {
  const attempt = api.run(
    sh(`${print(0, FIRST)}; ${awaiting('go')}; ${print(FIRST, go)}; touch /wrote; ${awaiting('on')}; ${print(go, end)}`),
  );
  await stored(attempt, lines(0, FIRST).length);
  await agent.end('SIGKILL');
  await touch(attempt, 'go');
  await wrote(attempt, 'wrote');
  await startAgent();
  await stored(attempt, lines(0, go).length);
  await touch(attempt, 'on');
  expect(await over(attempt)).toMatchObject({ exitCode: 0 });
  expect(attempt.output('stdout').toString()).toBe(lines(0, end));
  expect(attempt.dropped).toEqual([]);
});

it('both streams have each their own place, of which one may be long ago', async () => {
  const err = (word: string) => `echo ${word} >&2`;
  const script = `${err('first')}; ${print(0, FIRST)}; ${awaiting('go')}; ${print(FIRST, go)}; ${err('second')}; touch /wrote; ${awaiting('on')}; ${err('third')}; ${print(go, end)}`;
  const attempt = api.run(sh(script));
  await stored(attempt, lines(0, FIRST).length);
  await agent.end('SIGKILL');
  await touch(attempt, 'go');
  await wrote(attempt, 'wrote');
  await startAgent();
  await stored(attempt, lines(0, go).length);
  await touch(attempt, 'on');
  await over(attempt);
  expect(attempt.output('stdout').toString()).toBe(lines(0, end));
  expect(attempt.output('stderr').toString()).toBe('first\nsecond\nthird\n');
  expect(attempt.dropped).toEqual([]);
});

it('says that output is missing where the end of what is stored was rotated away, and goes on with all that is left', async () => {
  const [many, last] = [FIRST + MANY, FIRST + MANY + FEW];
  const attempt = api.run(
    sh(`${print(0, FIRST)}; ${awaiting('go')}; ${print(FIRST, many)}; touch /wrote; ${awaiting('on')}; ${print(many, last)}`),
  );
  const before = lines(0, FIRST);
  await stored(attempt, before.length);
  await agent.end('SIGKILL');
  await touch(attempt, 'go');
  await wrote(attempt, 'wrote');
  await startAgent();
  await stored(attempt, before.length + RECORD_BYTES / 4);
  await touch(attempt, 'on');
  await over(attempt);
  const found = attempt.output('stdout').toString();
  expect(found.slice(0, before.length)).toBe(before);
  const from = Number(found.slice(before.length, before.length + 7));
  expect(from).toBeGreaterThan(FIRST);
  expect(found.slice(before.length)).toBe(lines(from, last));
  expect(attempt.dropped).toMatchObject([{ stream: 'stdout', offset: before.length, dropped: 1, droppedAtLeast: true }]);
  expect(attempt.dropped[0]?.droppedReason).toMatch(
    /^nobody listened from .*Z on, the container engine keeps the last 2 MiB of its output, and what is left begins at .*Z: how much is missing is not known$/,
  );
});

it('says so, too, where nothing was stored before', async () => {
  api.deaf = true;
  const attempt = api.run(sh(`${awaiting('go')}; ${print(0, MANY)}; touch /wrote; ${awaiting('on')}`));
  const container = docker.getContainer(attempt.assignment.attemptId);
  await eventually('it to run', async () => (await container.inspect()).State.Running, state(attempt));
  await agent.end('SIGKILL');
  await touch(attempt, 'go');
  await wrote(attempt, 'wrote');
  api.deaf = false;
  await startAgent();
  await stored(attempt, RECORD_BYTES / 4);
  await touch(attempt, 'on');
  await over(attempt);
  const found = attempt.output('stdout').toString();
  expect(found).toBe(lines(Number(found.slice(0, 7)), MANY));
  expect(attempt.dropped).toMatchObject([{ stream: 'stdout', offset: 0, droppedAtLeast: true }]);
});

it('a later life of a container is gone on with where it was left', async () => {
  const script = `if [ ! -e /again ]; then touch /again; ${print(0, FIRST)}; exit 1; fi; ${print(FIRST, 2 * FIRST)}; ${awaiting('go')}; ${print(2 * FIRST, 2 * FIRST + FEW)}; touch /wrote; ${awaiting('on')}; ${print(2 * FIRST + FEW, 2 * FIRST + 2 * FEW)}`;
  const attempt = api.run(sh(script, { restart: { policy: 'on-failure', maxRetries: 2 } }));
  await stored(attempt, lines(0, 2 * FIRST).length);
  await agent.end('SIGKILL');
  await touch(attempt, 'go');
  await wrote(attempt, 'wrote');
  await startAgent();
  await stored(attempt, lines(0, 2 * FIRST + FEW).length);
  await touch(attempt, 'on');
  await over(attempt);
  expect(attempt.output('stdout').toString()).toBe(lines(0, 2 * FIRST + 2 * FEW));
  expect(attempt.dropped).toEqual([]);
});

it('of a terminal', async () => {
  const script = `${print(0, FIRST)}; ${awaiting('go')}; ${print(FIRST, go)}; touch /wrote; ${awaiting('on')}; ${print(go, end)}`;
  const attempt = api.run(sh(script, { tty: true }));
  await stored(attempt, lines(0, FIRST, '\r\n').length);
  await agent.end('SIGKILL');
  await touch(attempt, 'go');
  await wrote(attempt, 'wrote');
  await startAgent();
  await stored(attempt, lines(0, go, '\r\n').length);
  await touch(attempt, 'on');
  await over(attempt);
  expect(attempt.output('stdout').toString()).toBe(lines(0, end, '\r\n'));
  expect(attempt.dropped).toEqual([]);
});

it.each(['stop', 'kill'] as const)(
  'an engine away by %s is gone on with where its attachment broke, in the middle of a line',
  async (how) => {
    const slowly = `i=${FIRST}; while [ $i -lt ${FIRST + 300} ]; do printf '%07d of the ' $i; sleep 0.02; echo lines of its output; i=$((i+1)); done`;
    const attempt = api.run(sh(`${print(0, FIRST)}; ${slowly}; ${print(FIRST + 300, end)}`));
    await stored(attempt, lines(0, FIRST + 20).length);
    await engine[how]();
    await eventually('the heartbeat that says so', () => api.heartbeats.at(-1)?.engine.ready === false);
    await engine.start();
    expect(await over(attempt)).toMatchObject({ phase: 'exited' });
    expect(attempt.output('stdout').toString()).toBe(lines(0, end));
    expect(attempt.dropped).toEqual([]);
  },
);
