/** The real agent updates itself, on a real engine: what runs goes on, and whatever is wrong with the new version, there is an agent afterwards. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { buildAgent, strangeAgent } from '../support/agent-bundle.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AgentApi, type StoredAttempt } from './agent-api.ts';
import { AgentProcess } from './agent-process.ts';

let mirror: RegistryPart;
let engine: Engine;
let docker: Docker;
let older: string;
let newer: string;
let api: AgentApi;
let home: string;
let agent: AgentProcess;

beforeAll(async () => {
  [mirror, older, newer] = await Promise.all([startMirror(), buildAgent('0.0.8'), buildAgent('0.0.9')]);
  engine = await startEngine({ mirror: mirror.url });
  docker = new Docker({ socketPath: engine.socket });
});
afterAll(async () => {
  await engine?.destroy();
  await mirror?.stop();
});
beforeEach(async () => {
  api = await new AgentApi().start();
  api.newest = PROTOCOL_VERSION;
  home = await temporaryFolder('agent-home');
  await start();
});
afterEach(async () => {
  await agent.end();
  await api.stop();
  const left = await docker.listContainers({ all: true });
  await Promise.all(left.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  expect(api.faults).toEqual([]);
});

async function start(bundle = older, policy = join(home, 'policy.json')): Promise<void> {
  agent = new AgentProcess({ url: api.url, home, engine: engine.host, bundle, policy, env: { BERTH_TRIAL_SECONDS: '8' } });
  await eventually(
    'the agent to connect',
    () => api.connected,
    () => agent.output,
  );
}

const lastHello = () => api.hellos.at(-1);
/** How its last update ended, as it says itself; in its own process, not in one that is tried. */
const ended = (update: string) =>
  eventually(
    `the agent to say how ${update} ended`,
    () => {
      const said = lastHello()?.bundle?.update;
      return api.connected && said?.id === update && said.state !== 'trying' && said;
    },
    () => ({ hello: lastHello(), log: agent.output }),
    60_000,
  );
async function update(id: string, file: string, change: { sha256?: string } = {}) {
  api.bundle = await readFile(file);
  const sha256 = createHash('sha256').update(api.bundle).digest('hex');
  return api.call({ name: 'agent.update', update: id, version: '0.0.9', sha256, bytes: api.bundle.length, ...change });
}
const version = () => lastHello()?.facts.agentVersion;

/** Ten numbered lines a second. */
async function counting(lines: number) {
  const attempt = api.run({
    image: 'busybox',
    pullPolicy: 'if-not-present',
    command: ['/bin/sh', '-c', `i=0; while [ $i -lt ${lines} ]; do echo $i; i=$((i+1)); sleep 0.1; done`],
  });
  await eventually('its first lines', () => attempt.output('stdout').includes('3\n'), state(attempt));
  const { Id, State } = await docker.getContainer(attempt.assignment.attemptId).inspect();
  return { attempt, id: Id, pid: State.Pid };
}
const state = (attempt: StoredAttempt) => () => ({ phases: attempt.phases, bytes: attempt.bytes, log: agent.output.slice(-3000) });

/** The same container, the same process in it, and every line once. */
async function untouched({ attempt, id, pid }: Awaited<ReturnType<typeof counting>>, lines: number): Promise<void> {
  const { Id, State, RestartCount } = await docker.getContainer(attempt.assignment.attemptId).inspect();
  expect({ Id, pid: State.Pid, RestartCount }).toEqual({ Id: id, pid, RestartCount: 0 });
  await eventually('it to end', () => attempt.over, state(attempt), 60_000);
  expect(attempt.last).toMatchObject({ phase: 'exited', exitCode: 0 });
  expect(attempt.output('stdout').toString()).toBe(Array.from({ length: lines }, (_, line) => `${line}\n`).join(''));
}

// A trial takes its time, and an engine beside it its own.
describe('an update', { timeout: 120_000 }, () => {
  it('leaves containers as they are, and the agent is the new version; also after a crash, until another one is installed by hand', async () => {
    expect(version()).toBe('0.0.8');
    const [count, process] = [await counting(150), agent.child.pid];
    expect(await update('upd_1', newer)).toEqual({ ok: true, value: {} });
    expect(await ended('upd_1')).toMatchObject({ state: 'done', message: 'runs version 0.0.9' });
    expect({ version: version(), process: agent.child.pid }).toEqual({ version: '0.0.9', process });
    await untouched(count, 150);
    // Asked again, as by a replica that did not hear the answer, it only says so again.
    const hellos = api.hellos.length;
    expect(await update('upd_1', newer)).toEqual({ ok: true, value: {} });
    await eventually('it to say so', () => api.hellos.length > hellos && api.connected);
    expect(lastHello()?.bundle?.update).toMatchObject({ id: 'upd_1', state: 'done' });

    await agent.end('SIGKILL');
    await start();
    expect(version()).toBe('0.0.9');
    await agent.end();
    await start(await buildAgent('0.0.10'));
    expect(version()).toBe('0.0.10');
  });

  it.each([
    ['ends at once', 'console.error("it is broken"); process.exit(3);', 'it ended (3): it is broken'],
    ['is no program', 'this is none', 'it ended (1)'],
    ['never connects', 'setInterval(() => undefined, 1000);', 'it did not reach the api within 8 s'],
  ])('to a version that %s ends with the one before, and says so; containers go on', async (_, code, message) => {
    const count = await counting(200);
    await update('upd_2', await strangeAgent('0.0.9', code));
    expect(await ended('upd_2')).toMatchObject({ state: 'failed', message: expect.stringContaining(message) });
    expect(version()).toBe('0.0.8');
    await untouched(count, 200);
    // It is as able as before.
    await update('upd_3', newer);
    expect(await ended('upd_3')).toMatchObject({ state: 'done' });
  });

  it('whose agent is killed in the middle of the trial is over, and the one before is started again', async () => {
    await update('upd_4', await strangeAgent('0.0.9', 'setInterval(() => undefined, 1000);'));
    await eventually(
      'the trial to begin',
      () => agent.output.includes('trying a new version of the agent') && !api.connected,
      () => agent.output,
    );
    await eventually(
      'its process to be known',
      async () => JSON.parse(await readFile(join(home, 'updates/state.json'), 'utf8')).trial?.pid > 0,
    );
    const { pid, file } = JSON.parse(await readFile(join(home, 'updates/state.json'), 'utf8')).trial;
    await agent.end('SIGKILL');
    await start();
    expect(await ended('upd_4')).toMatchObject({ state: 'failed', message: expect.stringContaining('was ended while') });
    expect(version()).toBe('0.0.8');
    await eventually(
      'what was tried to be gone',
      async () => !(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(file),
    );
  });

  it('that came in another form than it was announced is refused', async () => {
    await update('upd_5', newer, { sha256: 'f'.repeat(64) });
    expect(await ended('upd_5')).toMatchObject({ state: 'failed', message: expect.stringContaining('its SHA-256 is another one') });
    expect(version()).toBe('0.0.8');
  });

  it('is refused where the policy of the host forbids it, or cannot be understood', async () => {
    for (const text of ['{ "updates": false }', '{ "updates": tr']) {
      await writeFile(join(home, 'policy.json'), text);
      // First: its link is made anew to tell it, and a call in that moment would be lost.
      await eventually('the api to be told', () => api.connected && lastHello()?.bundle?.fixed?.includes('policy file'), lastHello);
      expect(await update('upd_6', newer)).toMatchObject({ ok: false, code: 'refused', message: expect.stringContaining('policy file') });
    }
  });
});
