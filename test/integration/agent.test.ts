import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSpec } from '@berth/shared/model/run';
import Docker from 'dockerode';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { pushBusybox } from '../support/images.ts';
import { startMirror, startRegistry } from '../support/registry.ts';
import { startSlowRegistry } from '../support/slow-registry.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AgentApi, type StoredAttempt } from './agent-api.ts';
import { AgentProcess } from './agent-process.ts';

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
const startAgent = () => new AgentProcess({ url: api.url, home, engine: engine.host });
const state = (attempt: StoredAttempt) => () => ({ phases: attempt.phases, pulls: attempt.pulls.at(-1), agent: agent.output.slice(-3000) });
const over = (attempt: StoredAttempt) => eventually('the attempt to end', () => attempt.over && attempt.last, state(attempt));
const reached = (attempt: StoredAttempt, phase: string) =>
  eventually(`phase ${phase}`, () => attempt.phases.some((report) => report.phase === phase), state(attempt));
const printed = (attempt: StoredAttempt, text: string) =>
  eventually(`output ${text}`, () => attempt.output('stdout').includes(text), state(attempt));
const containers = () => docker.listContainers({ all: true });

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
  agent = startAgent();
  await eventually(
    'the agent to connect',
    () => api.connected,
    () => agent.output,
  );
});
afterEach(async () => {
  await agent.end();
  await api.stop();
  await Promise.all((await containers()).map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  expect(api.faults).toEqual([]);
});

describe('a run', () => {
  it('hello-world is pulled as Docker tells it, run, and ends with its output', async () => {
    const images = await docker.listImages();
    await Promise.all(images.map(({ Id }) => docker.getImage(Id).remove({ force: true })));
    const attempt = api.run({ image: 'hello-world' });
    expect(await over(attempt)).toMatchObject({ phase: 'exited', reason: 'completed', exitCode: 0, message: 'exited 0' });
    expect(attempt.output('stdout').toString()).toContain('Hello from');
    const pull = attempt.pulls.at(-1);
    expect(pull?.headline).toEqual(["Unable to find image 'hello-world:latest' locally", 'latest: Pulling from library/hello-world']);
    expect(pull).toMatchObject({ state: 'done', status: 'Downloaded newer image for hello-world:latest' });
    expect(pull?.layers.map(({ state }) => state)).toEqual(['complete']);
    expect(attempt.last?.imageDigest).toBe(pull?.digest);
    expect(attempt.last?.startedAt).not.toBeNull();
    const again = api.run({ image: 'hello-world' });
    await over(again);
    expect(again.pulls.at(-1)).toMatchObject({ state: 'done', status: 'Image is up to date for hello-world:latest' });
  });

  it('reaches the api byte for byte, binary and on both streams', async () => {
    const script = 'head -c 300000 /dev/urandom > /r; cat /r; cat /r >&2; printf "a\\n\\0b" ; sha1sum /r; printf end';
    const attempt = api.run(sh(script));
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    const stderr = attempt.output('stderr');
    const stdout = attempt.output('stdout');
    expect(stderr.length).toBe(300_000);
    expect(stdout.subarray(0, 300_000).equals(stderr)).toBe(true);
    const { createHash } = await import('node:crypto');
    expect(stdout.subarray(300_000).toString()).toBe(`a\n\0b${createHash('sha1').update(stderr).digest('hex')}  /r\nend`);
  });

  it('of a terminal has one raw stream', async () => {
    const attempt = api.run(sh('printf "a\\nb"; tty', { tty: true }));
    await over(attempt);
    expect(attempt.output('stdout').toString()).toMatch(/^a\r\nb\/dev\/(pts\/\d|console)\r\n$/);
  });

  it('has the host name, first process, file systems, names and bounds that its spec asks for', async () => {
    const script = `hostname; cat /proc/1/comm; touch /x 2>/dev/null || echo read-only; touch /work/x && echo writable
      df -k /work | awk 'END { print $2 }'; grep -c '10.1.2.3.*db' /etc/hosts
      for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done; echo forked 12`;
    const attempt = api.run(
      sh(script, {
        hostname: 'web-1.example',
        init: true,
        readOnlyRootFilesystem: true,
        tmpfs: [{ path: '/work', size: '1Mi' }],
        extraHosts: { db: '10.1.2.3' },
        resources: { pids: 8 },
      }),
    );
    expect(await over(attempt)).toMatchObject({ phase: 'exited', exitCode: 2 });
    expect(attempt.output('stdout').toString()).toBe('web-1.example\ndocker-init\nread-only\nwritable\n1024\n1\n');
    expect(attempt.output('stderr').toString()).toContain("can't fork");
  });

  it('asked to pull always runs what the tag names now, though the host has an older image', async () => {
    const spec: RunSpec = { image: 'moving', command: ['/bin/cat', '/version'] };
    for (const version of ['one', 'two']) {
      await pushBusybox(mirror, 'library/moving', 'latest', { files: [{ path: 'version', data: Buffer.from(version) }] });
      for (const status of ['Downloaded newer image for moving:latest', 'Image is up to date for moving:latest']) {
        const attempt = api.run(spec);
        expect(await over(attempt)).toMatchObject({ exitCode: 0 });
        expect(attempt.output('stdout').toString()).toBe(version);
        expect(attempt.pulls.at(-1)).toMatchObject({ state: 'done', status });
      }
    }
  });

  it('is cancelled in the middle of its pull', async () => {
    const slow = await startSlowRegistry(mirror);
    slow.close();
    await pushBusybox(mirror, 'slow', '1', { layers: [2_000_000] });
    const attempt = api.run({ image: `${slow.server}/slow:1` });
    await eventually('a layer to be under way', () => slow.held() > 0, state(attempt));
    api.change(attempt, 'stop');
    expect(await over(attempt)).toMatchObject({ phase: 'cancelled', reason: 'cancelled' });
    // A layer's connection that is blocked stays open for a while (docker pull and Ctrl-C leave it too): its log tells.
    await eventually(
      'the engine to give up the pull',
      () => engine.log().includes('context canceled'),
      () => engine.log(),
    );
    await slow.stop();
  });

  it('takes its command, environment, folder, user and ports from the spec', async () => {
    const attempt = api.run({
      image: 'busybox',
      pullPolicy: 'if-not-present',
      command: ['/bin/sh', '-c', 'echo "$0 $1 $A $PWD $(id -u)"'],
      args: ['zero', 'one'],
      env: { A: 'x=y z' },
      workingDir: '/tmp',
      user: '1000',
      ports: [{ containerPort: 80, hostPort: 30999, protocol: 'tcp' }],
      resources: { cpu: '500m', memory: '64Mi' },
    });
    await over(attempt);
    expect(attempt.output('stdout').toString()).toBe('zero one x=y z /tmp 1000\n');
    const found = await docker.getContainer(attempt.assignment.attemptId).inspect();
    expect(found.HostConfig).toMatchObject({ Memory: 64 * 2 ** 20, NanoCpus: 5e8, RestartPolicy: { Name: 'no' } });
    expect(found.HostConfig.PortBindings).toEqual({ '80/tcp': [{ HostIp: '', HostPort: '30999' }] });
  });
});

describe('an end', () => {
  const ends: [string, RunSpec, object][] = [
    ['another code', sh('exit 3'), { phase: 'exited', reason: 'non-zero-exit', exitCode: 3, message: 'exited 3' }],
    ['a signal', sh('exit 143'), { phase: 'exited', reason: 'signalled', exitCode: 143, signal: 'SIGTERM' }],
    [
      'lack of memory',
      sh('x=a; while true; do x=$x$x; done', { resources: { memory: '16Mi' } }),
      { phase: 'exited', reason: 'out-of-memory', exitCode: 137, oomKilled: true, message: 'exited 137: killed, out of memory at 16 MiB' },
    ],
    ['a command that is not there', { ...sh(''), command: ['nothere'] }, { phase: 'failed', reason: 'command-not-found', exitCode: 127 }],
    [
      'a command by path that is not there',
      { ...sh(''), command: ['/no/x'] },
      { phase: 'failed', reason: 'command-not-found', exitCode: 127 },
    ],
    ['a command that cannot run', { ...sh(''), command: ['/etc'] }, { phase: 'failed', reason: 'command-not-executable', exitCode: 126 }],
    ['a user that is not there', sh('true', { user: 'nobody-here' }), { phase: 'failed', reason: 'invalid-spec' }],
    ['its time-out', sh('sleep 60', { timeoutSeconds: 1, stopGracePeriodSeconds: 1 }), { phase: 'failed', reason: 'timed-out' }],
    ['an image that is nowhere', { image: '__SERVER__/nothing/here:1' }, { phase: 'failed', reason: 'image-not-found' }],
    ['a registry that is away', { image: '127.0.0.1:1/some/image:1' }, { phase: 'failed', reason: 'registry-unreachable' }],
    ['a policy that forbids the pull', { image: 'absent:1', pullPolicy: 'never' }, { phase: 'failed', reason: 'image-not-present' }],
  ];
  it.each(ends)('by %s is told with its reason', async (_, spec, wanted) => {
    const attempt = api.run({ ...spec, image: spec.image.replace('__SERVER__', mirror.server) });
    expect(await over(attempt)).toMatchObject(wanted);
  });

  it('by a taken host port names the port', async () => {
    const ports = [{ containerPort: 80, hostPort: 30777, protocol: 'tcp' as const }];
    const first = api.run(sh('sleep 60', { ports, stopGracePeriodSeconds: 0 }));
    await reached(first, 'running');
    const second = api.run(sh('sleep 60', { ports }));
    expect(await over(second)).toMatchObject({ phase: 'failed', reason: 'host-port-taken' });
    expect(second.last?.message).toContain('30777');
    api.change(first, 'kill');
    await over(first);
  });

  it('by refused credentials is told with the words of the registry', async () => {
    const registry = await startRegistry({ auth: true });
    const image = `${registry.server}/private/busybox:1`;
    await pushBusybox(registry, 'private/busybox', '1');
    const refused = api.run({ image });
    expect(await over(refused)).toMatchObject({ phase: 'failed', reason: 'image-unauthorized' });
    expect(refused.pulls.at(-1)).toMatchObject({ state: 'failed' });
    if (!registry.credentials) throw new Error('the registry asks for no credentials');
    const credentials = { server: registry.server, ...registry.credentials };
    const allowed = api.run({ image, command: ['/bin/true'] }, { credentials });
    expect(await over(allowed)).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(await readFile(join(home, 'ledger.json'), 'utf8')).not.toContain(credentials.password);
    await registry.stop();
  });

  it('by request: stop with its signal and grace, then SIGKILL; kill at once', async () => {
    const polite = api.run(sh('trap "echo bye; exit 5" USR1; echo ready; while :; do sleep 0.1; done', { stopSignal: 'SIGUSR1' }));
    const stubborn = api.run(sh('trap "" TERM; echo ready; while :; do sleep 0.1; done', { stopGracePeriodSeconds: 1 }));
    const killed = api.run(sh('trap "" TERM; echo ready; while :; do sleep 0.1; done', { stopGracePeriodSeconds: 600 }));
    for (const attempt of [polite, stubborn, killed]) await printed(attempt, 'ready');
    api.change(polite, 'stop');
    api.change(stubborn, 'stop');
    api.change(killed, 'stop');
    await reached(killed, 'stopping');
    api.change(killed, 'kill');
    expect(await over(polite)).toMatchObject({ phase: 'exited', reason: 'stopped', exitCode: 5 });
    expect(polite.output('stdout').toString()).toBe('ready\nbye\n');
    expect(await over(stubborn)).toMatchObject({ phase: 'exited', reason: 'stopped', exitCode: 137, signal: 'SIGKILL' });
    expect(await over(killed)).toMatchObject({ phase: 'exited', reason: 'killed', exitCode: 137 });
  });
});

describe('an agent', () => {
  it('keeps its key and ledger to itself', async () => {
    expect((await stat(join(home, 'key.pem'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, 'identity.json'))).mode & 0o777).toBe(0o600);
  });

  it('stops with one sentence when the api refuses it', async () => {
    api.refuse = true;
    api.disconnect();
    await eventually(
      'the agent to exit',
      () => agent.child.exitCode !== null,
      () => agent.output,
    );
    expect(agent.child.exitCode).toBe(1);
    expect(agent.output).toContain('The api refused this host: this host was removed from the workspace');
  });

  it('answers a delta that does not follow with accepted false, and takes the whole set', async () => {
    api.generation = 40;
    const attempt = api.run(sh('true'));
    await eventually('the refusal', () => api.assigned.some(({ accepted }) => !accepted));
    api.tellAll();
    expect(await over(attempt)).toMatchObject({ exitCode: 0 });
    expect(api.assigned.at(-1)).toMatchObject({ generation: 41, accepted: true });
  });

  it('stops what is no longer assigned to it before it starts anything', async () => {
    const gone = api.run(sh('echo ready; trap "sleep 1; exit 0" TERM; while :; do sleep 0.1; done'));
    await printed(gone, 'ready');
    api.attempts.delete(gone.assignment.attemptId);
    const next = api.run(sh('true'));
    api.tellAll();
    await over(next);
    // What is no longer assigned had ended before the next one began, which is over.
    expect(await docker.listContainers()).toEqual([]);
    const left = async () => (await containers()).map(({ Names }) => Names[0]);
    await eventually('it to be removed', async () => !(await left()).includes(`/${gone.assignment.attemptId}`), left);
    expect(await left()).toEqual([`/${next.assignment.attemptId}`]);
  });

  it('cancels a container that was not started yet, and a drop removes its evidence', async () => {
    const attempt = api.run(sh('true'), { desired: 'stop' });
    expect(await over(attempt)).toMatchObject({ phase: 'cancelled', reason: 'cancelled' });
    const ended = api.run(sh('true'));
    await over(ended);
    expect(await containers()).toHaveLength(1);
    api.drop(ended, true);
    await eventually('the container to be removed', async () => (await containers()).length === 0);
  });

  it('never starts what was running once and is gone', async () => {
    const attempt = api.run(sh('echo no'), { phase: 'running' });
    expect(await over(attempt)).toMatchObject({ phase: 'lost', reason: 'container-gone' });
    expect(await containers()).toEqual([]);
  });

  it('has all output of a container that somebody removes while it runs', async () => {
    const attempt = api.run(sh('for n in $(seq 1000); do echo "line $n"; done; exec sleep 600'));
    await printed(attempt, 'line 1000\n');
    await docker.getContainer(attempt.assignment.attemptId).remove({ force: true });
    await over(attempt);
    expect(String(attempt.output('stdout')).split('\n')).toHaveLength(1001);
    expect(attempt.dropped).toEqual([]);
  });

  it('says that output may be missing where the container was removed while nobody listened', async () => {
    const attempt = api.run(sh('echo before; while [ ! -e /go ]; do sleep 0.1; done; echo after; exec sleep 600'));
    await printed(attempt, 'before\n');
    await agent.end('SIGKILL');
    const container = docker.getContainer(attempt.assignment.attemptId);
    const exec = await container.exec({ Cmd: ['touch', '/go'] });
    await exec.start({});
    await eventually('more output', async () => String(await container.logs({ stdout: true })).includes('after'));
    await container.remove({ force: true });
    agent = startAgent();
    expect(await over(attempt)).toMatchObject({ phase: 'lost', reason: 'container-gone' });
    expect(String(attempt.output('stdout'))).toBe('before\n');
    expect(attempt.dropped).toMatchObject([{ stream: 'stdout', offset: 'before\n'.length, dropped: 1, droppedAtLeast: true }]);
    expect(attempt.dropped[0]?.droppedReason).toMatch(/^its container was removed before the record of its output was read to the end/);
  });

  it('makes the volumes of a run its own, and touches none that is not, whatever it is asked', async () => {
    const data = { name: 'data', id: 'vol_mine' };
    const spec = sh('echo kept > /data/file', { volumes: [{ volume: 'data', target: '/data' }] });
    expect(await over(api.run(spec, { volumes: [data] }))).toMatchObject({ exitCode: 0 });
    const mine = await docker.getVolume('berth-vol_mine').inspect();
    expect(mine.Labels).toEqual({ 'berth.volume': 'vol_mine', 'berth.host': [...api.hosts.keys()][0], 'berth.workspace': 'ws_test' });
    // An api that does not say which volume it means gets no other one.
    expect(await over(api.run(spec))).toMatchObject({ phase: 'failed', reason: 'invalid-spec' });

    await docker.createVolume({ Name: 'berth-vol_theirs', Labels: { 'berth.volume': 'vol_theirs', 'berth.host': 'host_other' } });
    for (const name of ['volume.open', 'volume.fill', 'volume.remove'] as const) {
      const answer = await api.call({ name, volume: 'vol_theirs' });
      expect(answer).toEqual({ ok: false, code: 'refused', message: 'the volume is not one of this host' });
    }
    const measured = await api.call({ name: 'volume.measure', volumes: ['vol_mine', 'vol_theirs', 'vol_none'] });
    expect(measured).toEqual({
      ok: true,
      value: {
        sizes: [
          { volume: 'vol_mine', bytes: expect.any(Number) },
          { volume: 'vol_theirs', bytes: null },
          { volume: 'vol_none', bytes: null },
        ],
      },
    });
    for (const volume of ['vol_mine', 'vol_none'])
      expect(await api.call({ name: 'volume.remove', volume })).toEqual({ ok: true, value: {} });
    await expect(docker.getVolume('berth-vol_mine').inspect()).rejects.toThrow('no such volume');
    await docker.getVolume('berth-vol_theirs').remove();
  });

  it('tells heartbeats, and images when they change', async () => {
    await pushBusybox(mirror, 'library/news', '1');
    await over(api.run({ image: 'news:1', command: ['/bin/true'] }));
    const told = () => api.heartbeats.some(({ images }) => images?.includes('news:1'));
    await eventually('the image to be told', told, () => ({ heartbeats: api.heartbeats, agent: agent.output }));
    await eventually('a heartbeat without news', () => api.heartbeats.at(-1)?.images === null);
    expect(api.hellos[0]?.facts.engine?.name).toBe('Docker Engine');
  });
});
