/** What was asked of a container beside what its engine has, over REST, on a real engine. */
import { engineViewSchema } from '@berth/shared/http/container';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BerthClient } from '../support/client.ts';
import { dockerOf, type FaultStage, openFaultStage, sh } from './fault-stage.ts';

let stage: FaultStage;
let client: BerthClient;

beforeAll(async () => {
  stage = await openFaultStage();
  client = stage.client;
  await stage.berth.startAgent({ engine: stage.engine });
});
afterAll(async () => {
  await stage?.close();
});

describe('the settings of a container', () => {
  const settings = async (id: string) => {
    const answer = await client.send('GET', `${client.base}/runs/${id}/inspect`);
    expect(answer.status, answer.text).toBe(200);
    return engineViewSchema.parse(JSON.parse(answer.text)).settings;
  };

  it('are as asked, until somebody changes them on the host, past Berth', async () => {
    const { metadata } = await client.createRun(
      sh('exec sleep 3600', {
        resources: { memory: '64Mi', cpu: '250m', pids: 100 },
        env: { COLOUR: 'blue' },
        ports: [{ containerPort: 80 }],
        tmpfs: [{ path: '/tmp', size: '1Mi' }],
        extraHosts: { db: '10.0.0.1' },
        hostname: 'web',
        user: '0',
        workingDir: '/tmp',
        init: true,
      }),
    );
    const run = await client.waitRun(metadata.id, 'running');
    const before = await settings(metadata.id);
    expect(before.filter(({ drift }) => drift)).toEqual([]);
    expect(before).toContainEqual({ section: 'limits', name: 'memory', asked: '64Mi', has: '64Mi', drift: false });
    expect(before).toContainEqual({ section: 'environment', name: 'COLOUR', asked: 'blue', has: 'blue', drift: false });

    const docker = dockerOf(stage.engine);
    const attempt = run.status.attempts.at(-1);
    const container = docker.getContainer(attempt?.containerId ?? '');
    await container.update({ Memory: 128 * 2 ** 20, MemorySwap: 128 * 2 ** 20 });
    await docker.getNetwork('bridge').disconnect({ Container: container.id, Force: true });
    await container.rename({ name: 'mine' });

    const drift = (await settings(metadata.id)).filter(({ drift }) => drift);
    const port = attempt?.ports[0]?.hostPort;
    expect(drift).toContainEqual({ section: 'container', name: 'name', asked: attempt?.id, has: 'mine', drift: true });
    expect(drift).toContainEqual({ section: 'limits', name: 'memory', asked: '64Mi', has: '128Mi', drift: true });
    expect(drift).toContainEqual({ section: 'network', name: 'network bridge', asked: 'connected', has: null, drift: true });
    expect(drift).toContainEqual({ section: 'network', name: 'port 80/tcp', asked: String(port), has: null, drift: true });
    await client.killRun(metadata.id);
  });
});
