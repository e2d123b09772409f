/** What a host allows is written on the host: the agent keeps to it on a real engine, whatever the api has sent; the api places and refuses by it. */
import { mkdir, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_POLICY } from '@berth/shared/model/host-policy';
import type { RunSpec } from '@berth/shared/model/run';
import { PROTOCOL_VERSION } from '@berth/shared/protocol/version';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { problemFrom } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import { addSimulatedHost } from '../support/simulated-host.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AgentApi, type StoredAttempt } from './agent-api.ts';
import { AgentProcess } from './agent-process.ts';

describe('an agent whose api asks for anything', () => {
  let mirror: RegistryPart;
  let engine: Engine;
  let docker: Docker;
  let api: AgentApi;
  let agent: AgentProcess;
  let home: string;
  let folder: string;
  let policy: string;

  const spec = (rest: Partial<RunSpec>): RunSpec => ({ image: 'busybox', pullPolicy: 'if-not-present', args: ['true'], ...rest });
  const over = (attempt: StoredAttempt) =>
    eventually(
      'the attempt to end',
      () => attempt.over && attempt.last,
      () => ({ phases: attempt.phases, agent: agent.output.slice(-3000) }),
    );
  const allow = (content: unknown) => writeFile(policy, JSON.stringify(content));
  const refused = async (rest: Partial<RunSpec>, message: string | RegExp) => {
    const attempt = api.run(spec(rest));
    const last = await over(attempt);
    expect(last).toMatchObject({ phase: 'failed', reason: 'refused-by-host', message: expect.stringMatching(message) });
    await expect(docker.getContainer(attempt.assignment.attemptId).inspect()).rejects.toMatchObject({ statusCode: 404 });
  };
  const ran = async (rest: Partial<RunSpec>) => {
    const attempt = api.run(spec(rest));
    expect(await over(attempt)).toMatchObject({ phase: 'exited', exitCode: 0 });
    return { inspection: await docker.getContainer(attempt.assignment.attemptId).inspect(), output: attempt.output('stdout').toString() };
  };

  beforeAll(async () => {
    mirror = await startMirror();
    engine = await startEngine({ mirror: mirror.url });
    docker = new Docker({ socketPath: engine.socket });
    api = await new AgentApi().start();
    api.newest = PROTOCOL_VERSION;
    home = await temporaryFolder('agent-home');
    folder = await realpath(await temporaryFolder('host-folders'));
    policy = join(folder, 'policy.json');
    agent = new AgentProcess({ url: api.url, home, engine: engine.host, policy });
    await eventually(
      'the agent to connect',
      () => api.connected,
      () => agent.output,
    );
    await mkdir(join(folder, 'data'));
    await mkdir(join(folder, 'secret'));
    await writeFile(join(folder, 'data/greeting'), 'from the host');
    await symlink(join(folder, 'secret'), join(folder, 'data/link'));
    await symlink(join(folder, 'data'), join(folder, 'to-data'));
  });
  afterAll(async () => {
    await agent?.end();
    await api?.stop();
    await engine?.destroy();
    await mirror?.stop();
  });

  test('runs nothing out of the ordinary without a policy file', async () => {
    await refused({ privileged: true }, 'the policy of this host does not allow privileged containers');
    await refused({ network: 'host' }, "a container in the host's network");
    await refused({ capabilities: { add: ['SYS_ADMIN'] } }, 'the capability SYS_ADMIN');
    await refused({ mounts: [{ source: '/etc', target: '/x' }] }, 'mounts of /etc');
    const { inspection } = await ran({ capabilities: { add: ['CHOWN'], drop: ['NET_RAW'] } });
    expect(inspection.HostConfig).toMatchObject({ Privileged: false, CapAdd: ['CHOWN'], CapDrop: ['NET_RAW'] });
  });

  test('keeps to the file as it is when the container is made', async () => {
    await allow({ privileged: true, hostNetwork: true, capabilities: ['NET_ADMIN'] });
    // Whether such a container can also be started is for the machine of the test to say.
    const open = api.run(spec({ privileged: true, network: 'host', capabilities: { add: ['NET_ADMIN'] } }));
    expect(await over(open)).not.toMatchObject({ reason: 'refused-by-host' });
    const { HostConfig } = await docker.getContainer(open.assignment.attemptId).inspect();
    expect(HostConfig).toMatchObject({ Privileged: true, NetworkMode: 'host', CapAdd: ['NET_ADMIN'] });
    await eventually(
      'the api to be told',
      () => api.hellos.at(-1)?.policy?.privileged === true,
      () => api.hellos.map(({ policy: told }) => told),
    );
    await allow({ hostNetwork: true });
    await refused({ privileged: true, network: 'host' }, /does not allow privileged containers$/);
    await writeFile(policy, '{ "privileged": true,');
    await refused({ privileged: true }, /nothing out of the ordinary.*is not JSON/);
  });

  test('mounts what lies under an allowed path, and follows links and dots before it judges', async () => {
    await allow({ mounts: [{ path: join(folder, 'data') }, { path: join(folder, 'secret/only-read'), readOnly: true }] });
    const through = { source: join(folder, 'to-data'), target: '/data', readOnly: true };
    const { output, inspection } = await ran({ args: ['cat', '/data/greeting'], mounts: [through] });
    expect(output).toBe('from the host');
    expect(inspection.Mounts).toMatchObject([{ Type: 'bind', Source: join(folder, 'data'), Destination: '/data', RW: false }]);
    const target = '/x';
    await refused({ mounts: [{ source: join(folder, 'data/link'), target }] }, `mounts of ${folder}/secret`);
    await refused({ mounts: [{ source: `${folder}/data/../secret`, target }] }, `mounts of ${folder}/secret`);
    await refused({ mounts: [{ source: `${folder}/data/nowhere`, target }] }, `there is no ${folder}/data/nowhere on this host`);
  });

  test("keeps its own folder, the engine's socket and the engine's data from containers, unless the file names them", async () => {
    await allow({ mounts: [{ path: '/' }] });
    const [own, socket] = await Promise.all([realpath(home), realpath(engine.socket)]);
    await refused({ mounts: [{ source: join(home, 'key.pem'), target: '/key' }] }, `which is in ${own}`);
    await refused({ mounts: [{ source: engine.socket, target: '/run/docker.sock' }] }, `which is ${socket}`);
    const { DockerRootDir } = await docker.info();
    await refused({ mounts: [{ source: DockerRootDir, target: '/x' }] }, `which is ${DockerRootDir}`);
    await refused({ mounts: [{ source: '/', target: '/x' }] }, 'which holds');
    await allow({ mounts: [{ path: engine.socket }] });
    await ran({ args: ['test', '-S', '/run/docker.sock'], mounts: [{ source: engine.socket, target: '/run/docker.sock' }] });
  });

  test('pulls from the registries of the file only, and takes no run over its limits', async () => {
    await allow({ registries: ['ghcr.io'] });
    await refused({ pullPolicy: 'always' }, 'images from docker.io');
    await refused({}, 'images from docker.io');
    await allow({ mostCpu: 1, mostMemory: '64Mi' });
    await refused({ resources: { cpu: 2, memory: '64Mi' } }, 'more than 1 cores to a run');
    await refused({}, 'runs that set themselves no limit');
    await ran({ resources: { cpu: 1, memory: '32Mi' } });
  });

  test('does not start with a file that it does not understand, and says every fault of it', async () => {
    await allow({ privileged: 'yes', mounts: [{ path: 'relative' }] });
    const second = new AgentProcess({ url: api.url, home: await temporaryFolder('second'), engine: engine.host, policy });
    await eventually(
      'it to stop',
      () => second.child.exitCode !== null,
      () => second.output,
    );
    expect(second.output).toMatch(/is not valid: privileged: .*; mounts\.0\.path: must be an absolute path/);
    await allow({});
  });
});

describe('the api', () => {
  let berth: Berth;
  const agents: SimulatedAgent[] = [];
  beforeAll(async () => {
    berth = await startBerth();
  });
  afterAll(async () => {
    for (const agent of agents) agent.close();
    await berth?.stop();
  });

  test('refuses what no host allows, by field, and places the rest by what each host allows', async () => {
    const { client } = berth;
    const strict = await addSimulatedHost(client, 'strict');
    agents.push(strict.agent);
    expect((await client.getHost(strict.hostId)).status.policy).toEqual(DEFAULT_POLICY);
    const asked = { image: 'server', privileged: true, mounts: [{ source: '/srv/app/', target: '/app' }] };
    const problem = await problemFrom(client.createRun(asked));
    expect(problem).toMatchObject({
      status: 409,
      code: 'refused-by-hosts',
      errors: [
        { path: 'spec.privileged', message: 'strict does not allow privileged containers' },
        { path: 'spec.mounts.0.source', message: 'strict does not allow mounts of /srv/app' },
      ],
    });

    const policy = { ...DEFAULT_POLICY, privileged: true, mounts: [{ path: '/srv', readOnly: false }] };
    const open = await addSimulatedHost(client, 'open', policy);
    agents.push(open.agent);
    const run = await client.createRun(asked);
    const { status } = await client.waitRun(run.metadata.id, 'running');
    expect(status.hostId).toBe(open.hostId);
    const verdict = status.attempts[0]?.placement?.hosts.find(({ hostId }) => hostId === strict.hostId);
    expect(verdict?.refusals).toEqual([
      { filter: 'policy', message: 'strict does not allow privileged containers and mounts of /srv/app' },
    ]);
    await client.updateHost(open.hostId, { spec: { cordoned: true } });
    const waits = await client.createRun(asked);
    await eventually(
      'the run to say why it waits',
      async () =>
        (await client.getRun(waits.metadata.id)).status.waiting?.message ===
        'no host fits: strict does not allow privileged containers and mounts of /srv/app, open is cordoned',
      () => client.getRun(waits.metadata.id),
    );
  });

  test("refuses ports that are the host's own, and capabilities that are none", async () => {
    const { client } = berth;
    const ports = await problemFrom(client.createRun({ image: 'x', network: 'host', ports: [{ containerPort: 80 }] }));
    expect(ports.errors?.[0]).toMatchObject({ path: 'spec.ports' });
    const none = await problemFrom(client.createRun({ image: 'x', capabilities: { add: ['net admin'] } }));
    expect(none.errors?.[0]?.path).toBe('spec.capabilities.add.0');
  });
});
