import { mkdtempSync, rmSync } from 'node:fs';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildAgent } from '../support/agent-bundle.ts';
import { pushAgentImage } from '../support/agent-image.ts';
import { type Berth, startBerth } from '../support/berth.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';

/** In memory, and under one name for the agent and its engine, as the installation has it. */
const secrets = mkdtempSync('/dev/shm/berth-boxed-');

describe('an agent that is itself a container', () => {
  let mirror: RegistryPart;
  let engine: Engine;
  let berth: Berth;
  let agent: StartedTestContainer;
  let log = '';

  beforeAll(async () => {
    mirror = await startMirror();
    [engine, berth] = await Promise.all([startEngine({ mirror: mirror.url }), berthWithAnotherAgent(), pushAgentImage(mirror)]);
    // testcontainers finds the engine by these; its reaper's image cannot be had offline, and the engine ends with this process anyway.
    process.env.DOCKER_HOST = engine.host;
    process.env.TESTCONTAINERS_RYUK_DISABLED = 'true';
    const { token } = await berth.client.createJoinToken();
    const flags = { url: berth.url, join: token, home: '/home', name: 'boxed', engine: 'unix:///run/engine.sock' };
    agent = await new GenericContainer(`${mirror.server}/berth-agent`)
      .withNetworkMode('host')
      .withBindMounts([
        { source: engine.socket, target: '/run/engine.sock' },
        { source: secrets, target: secrets },
      ])
      .withEnvironment({ BERTH_SECRETS_FOLDER: secrets })
      .withCommand(Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]))
      .withLogConsumer((stream) => {
        stream.on('data', (line) => {
          log += line;
        });
      })
      .start();
  });

  afterAll(async () => {
    await agent?.stop();
    await berth?.stop();
    await engine?.destroy();
    await mirror?.stop();
    rmSync(secrets, { recursive: true, force: true });
  });

  const berthWithAnotherAgent = async () => startBerth({ env: { AGENT_BUNDLE: await buildAgent('0.0.9') } });
  const hostIsReady = () =>
    eventually(
      'the host to be ready',
      async () =>
        (await berth.client.listHosts()).items.find(({ metadata, status }) => metadata.name === 'boxed' && status.state === 'ready'),
      async () => ({ hosts: (await berth.client.listHosts()).items.map(({ status }) => status), log }),
    );

  it('enrols its host and runs hello-world beside itself', async () => {
    await hostIsReady();
    const { metadata } = await berth.client.createRun({ image: 'hello-world' });
    const run = await berth.client.waitRun(metadata.id);
    expect(run.status).toMatchObject({ phase: 'exited', exitCode: 0, hostName: 'boxed' });
    expect(await berth.client.logs(metadata.id)).toContain('Hello from Docker!');
  });

  it('gives a secret as a file in memory', async () => {
    await berth.client.createSecret('db', 'correct-horse');
    const command = ['sh', '-c', "grep ' /run/db ' /proc/mounts | cut -d' ' -f3; cat /run/db"];
    const { metadata } = await berth.client.createRun({ image: 'busybox', command, secrets: [{ secret: 'db', file: '/run/db' }] });
    expect((await berth.client.waitRun(metadata.id)).status).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(await berth.client.logs(metadata.id)).toBe('tmpfs\n*************');
  });

  it('adopts its containers when its own container is started again', async () => {
    const { metadata } = await berth.client.createRun({
      image: 'busybox',
      command: ['sh', '-c', 'for i in $(seq 1 400); do echo $i; usleep 20000; done'],
    });
    expect((await berth.client.waitRun(metadata.id, 'running')).status.phase).toBe('running');
    await agent.restart({ timeout: 0 });
    const run = await berth.client.waitRun(metadata.id);
    expect(run.status).toMatchObject({ phase: 'exited', exitCode: 0 });
    expect(run.status.attempts).toHaveLength(1);
    expect(await berth.client.logs(metadata.id)).toBe(Array.from({ length: 400 }, (_, index) => `${index + 1}\n`).join(''));
  });

  it('is updated in its container, and is the new version after that is started again', async () => {
    const version = async () => (await hostIsReady()).status.agent.version;
    const { metadata } = await hostIsReady();
    expect(await version()).toBe(BERTH_VERSION);
    await berth.client.updateHostAgent(metadata.id);
    const updated = async () =>
      (await version()) === '0.0.9' && (await berth.client.getHost(metadata.id)).status.agent.update?.state === 'done';
    await eventually('the agent to be updated', updated, () => log, 60_000);
    await agent.restart({ timeout: 0 });
    const after = Date.now();
    const seenAt = async () => Date.parse((await hostIsReady()).status.lastSeenAt ?? '');
    await eventually('the agent to be heard again', async () => (await seenAt()) > after, seenAt);
    expect(await version()).toBe('0.0.9');
  });
});
