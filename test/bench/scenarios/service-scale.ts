/**
 * (q) A service from 0 to 20 replicas on one host, against Swarm's `docker service scale` on the same engine. The command line of Docker goes on
 * looking for five seconds after all tasks run; beside its time the time until the last task ran is told.
 */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startEngine } from '../../support/engine.ts';
import { alternate, type Figure, median, spread } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const run = promisify(execFile);
const REPLICAS = 20;
const NAME = 'scaled';
const LOOK_MS = 20;

export async function serviceScale(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = stage.berth;
  // Swarm does not go with an engine whose containers outlive it, as the others here are.
  const engine = await startEngine({ mirror: stage.mirror.url, liveRestore: false });
  const agent = await stage.berth.startAgent({ engine, name: 'swarm' });
  const others = (await client.listHosts()).items.filter(({ metadata }) => metadata.id !== agent.hostId);
  const docker = async (...args: string[]) =>
    (await run('docker', args, { env: { ...process.env, DOCKER_HOST: engine.host } })).stdout.trim();
  try {
    for (const { metadata } of others) await client.updateHost(metadata.id, { spec: { cordoned: true } });
    await docker('pull', stage.shellImage);
    await docker('swarm', 'init', '--advertise-addr', '127.0.0.1');
    const command = ['sleep', '3600'];
    await docker(
      'service',
      'create',
      '--detach',
      '--name',
      NAME,
      '--replicas',
      '0',
      '--stop-grace-period',
      '0s',
      stage.shellImage,
      ...command,
    );
    const spec = { replicas: 0, template: { spec: { image: stage.shellImage, command, stopGracePeriodSeconds: 0 } } };
    const { metadata } = await client.createService(NAME, spec);

    const containers = async () => (await docker('ps', '-q')).split('\n').filter((id) => id !== '').length;
    const until = async (isSo: () => Promise<boolean>) => {
      while (!(await isSo())) await delay(LOOK_MS);
    };
    const ours = async () => {
      const start = performance.now();
      await client.steerService(metadata.id, 'scale', { replicas: REPLICAS });
      await until(async () => (await client.getService(metadata.id)).status.available === REPLICAS);
      const elapsed = performance.now() - start;
      await client.steerService(metadata.id, 'scale', { replicas: 0 });
      await until(async () => (await containers()) === 0 && (await client.getService(metadata.id)).status.replicas === 0);
      return elapsed;
    };
    const running: number[] = [];
    const theirs = async () => {
      const start = performance.now();
      const scaling = docker('service', 'scale', `${NAME}=${REPLICAS}`);
      await until(async () => (await docker('service', 'ls', '--format', '{{.Replicas}}')) === `${REPLICAS}/${REPLICAS}`);
      running.push(performance.now() - start);
      await scaling;
      const elapsed = performance.now() - start;
      await docker('service', 'scale', '--detach', `${NAME}=0`);
      await until(async () => (await containers()) === 0);
      return elapsed;
    };
    const pairs = await alternate(quick ? 1 : 5, ours, theirs, 1);
    progress(`${pairs.length} pairs`);
    const [berth, swarm] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.theirs)];
    const measured = running.slice(-pairs.length);
    return [
      {
        scenario: 'q',
        name: `service from 0 to ${REPLICAS}, median`,
        value: median(berth),
        unit: 'ms',
        baseline: { name: 'docker service scale', value: median(swarm) },
        bound: { of: 'ratio', kind: 'at-most', limit: 0.8 },
        details: spread(berth),
      },
      {
        scenario: 'q',
        name: `service from 0 to ${REPLICAS}, until all run`,
        value: median(berth),
        unit: 'ms',
        baseline: { name: 'Swarm says 20/20', value: median(measured) },
        bound: null,
        details: spread(measured),
      },
    ];
  } finally {
    for (const { metadata } of others) await client.updateHost(metadata.id, { spec: { cordoned: false } });
    await agent.stop();
    await engine.destroy();
  }
}
