/** (k) What statistics cost the agent with 50 running containers, while nobody watches and while all are watched. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunSpecInput } from '../../support/client.ts';
import { ConsoleClient } from '../console-client.ts';
import type { Figure } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const CONTAINERS = 50;
/** sysconf(_SC_CLK_TCK) of every Linux that Node runs on. */
const TICKS_A_SECOND = 100;

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
  const before = ticks(pid);
  const start = performance.now();
  await delay(seconds * 1000);
  return ((ticks(pid) - before) / TICKS_A_SECOND / ((performance.now() - start) / 1000)) * 100;
}

/** User and system time, in ticks. */
function ticks(pid: number): number {
  // The name, in brackets, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
