/** (k) What statistics cost the agent: with 50 running containers, while nobody watches and while all are watched, and with 200 that nobody watches. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Run, RunSpecInput } from '../../support/client.ts';
import { ConsoleClient } from '../console-client.ts';
import type { Figure } from '../figures.ts';
import { cpuSeconds } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const CONTAINERS = 50;
const MANY = 200;
/** So long a watch lasts after the last one who watched has gone. */
const WATCHED_ON_MS = 14_000;

export async function stats({ berth, agent, shellImage }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = berth;
  const spec: RunSpecInput = { image: shellImage, args: ['sleep', '3600'], pullPolicy: 'if-not-present', stopSignal: 'SIGKILL' };
  const runs: Run[] = [];
  const startUpTo = async (count: number) => {
    progress(`starting up to ${count} containers`);
    const fresh = await Promise.all(Array.from({ length: count - runs.length }, () => client.createRun(spec)));
    runs.push(...fresh);
    for (const { metadata } of fresh) await client.waitRun(metadata.id, 'running');
    // The first samples of a container come closer together.
    await delay(5_000);
  };
  const seconds = quick ? 12 : 40;
  let socket: ConsoleClient | null = null;
  try {
    await startUpTo(CONTAINERS);
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
    await startUpTo(MANY);
    // Until what was watched is no longer.
    await delay(WATCHED_ON_MS);
    const many = await busyShare(agent.pid, seconds);
    progress(`${MANY} unwatched ${many.toFixed(2)} % of a core`);
    const figure = (name: string, value: number, bound: Figure['bound'], details: Figure['details']): Figure => ({
      scenario: 'k',
      name,
      value,
      unit: '% of a core',
      baseline: null,
      bound,
      details: { seconds, ...details },
    });
    return [
      figure(`agent, ${MANY} containers, unwatched`, many, { of: 'value', kind: 'at-most', limit: 5 }, {}),
      figure(`agent, ${CONTAINERS} containers, unwatched`, unwatched, null, {}),
      figure(`agent, ${CONTAINERS} containers, all watched`, watched, null, { 'samples a second': Math.round(rate) }),
    ];
  } finally {
    socket?.close();
    await Promise.all(runs.map(({ metadata }) => client.killRun(metadata.id)));
    await Promise.all(runs.map(({ metadata }) => client.waitRun(metadata.id, 'exited')));
  }
}

async function busyShare(pid: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  const start = performance.now();
  await delay(seconds * 1000);
  return ((cpuSeconds(pid) - before) / ((performance.now() - start) / 1000)) * 100;
}
