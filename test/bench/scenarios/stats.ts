/** (k) What statistics cost the agent with 50 running containers, while nobody watches and while all are watched. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunSpecInput } from '../../support/client.ts';
import { ConsoleClient } from '../console-client.ts';
import type { Figure } from '../figures.ts';
import { cpuSeconds } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const CONTAINERS = 50;

export async function stats({ berth, agent, shellImage }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = berth;
  const spec: RunSpecInput = { image: shellImage, args: ['sleep', '3600'], pullPolicy: 'if-not-present', stopSignal: 'SIGKILL' };
  progress(`starting ${CONTAINERS} containers`);
  const runs = await Promise.all(Array.from({ length: CONTAINERS }, () => client.createRun(spec)));
  let socket: ConsoleClient | null = null;
  try {
    for (const { metadata } of runs) await client.waitRun(metadata.id, 'running');
    const seconds = quick ? 12 : 40;
    // The first samples of a container come closer together.
    await delay(5_000);
    const unwatched = await busyShare(agent.pid, seconds);
    progress(`unwatched ${unwatched.toFixed(2)} % of a core`);
    socket = await ConsoleClient.connect(client.account);
    let samples = 0;
    for (const { metadata } of runs) {
      await socket.watchStats(metadata.id, () => {
        samples++;
      });
    }
    await delay(3_000);
    const before = samples;
    const watched = await busyShare(agent.pid, seconds);
    const rate = (samples - before) / seconds;
    progress(`watched ${watched.toFixed(2)} % of a core, ${rate.toFixed(0)} samples a second`);
    socket.close();
    const details = { containers: CONTAINERS, seconds, 'samples a second': Math.round(rate) };
    // 200 unwatched ones are to cost less than 5 % of a core.
    return [
      {
        scenario: 'k',
        name: 'agent, unwatched',
        value: unwatched,
        unit: '% of a core',
        baseline: null,
        bound: { of: 'value', kind: 'at-most', limit: 1.25 },
        details,
      },
      { scenario: 'k', name: 'agent, all watched', value: watched, unit: '% of a core', baseline: null, bound: null, details },
    ];
  } finally {
    socket?.close();
    await Promise.all(runs.map(({ metadata }) => client.killRun(metadata.id)));
    await Promise.all(runs.map(({ metadata }) => client.waitRun(metadata.id)));
  }
}

async function busyShare(pid: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  const start = performance.now();
  await delay(seconds * 1000);
  return ((cpuSeconds(pid) - before) / ((performance.now() - start) / 1000)) * 100;
}
