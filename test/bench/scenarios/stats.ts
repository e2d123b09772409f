/** (k) What statistics cost the agent with 50 running containers, while nobody watches and while all are watched; `docker stats` beside it. */
import { type ChildProcess, spawn } from 'node:child_process';
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

export async function stats({ berth, agent, engine, shellImage }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = berth;
  const spec: RunSpecInput = { image: shellImage, args: ['sleep', '3600'], pullPolicy: 'if-not-present', stopSignal: 'SIGKILL' };
  progress(`starting ${CONTAINERS} containers`);
  const runs = await Promise.all(Array.from({ length: CONTAINERS }, () => client.createRun(spec)));
  let socket: ConsoleClient | null = null;
  let docker: ChildProcess | null = null;
  try {
    for (const { metadata } of runs) await client.waitRun(metadata.id, 'running');
    const seconds = quick ? 12 : 40;
    // The first samples of a container come closer together.
    await delay(5_000);
    const unwatched = await busyShare([agent.pid], seconds);
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
    const watched = await busyShare([agent.pid], seconds);
    const rate = (samples - before) / seconds;
    progress(`watched ${watched.toFixed(2)} % of a core, ${rate.toFixed(0)} samples a second`);
    socket.close();
    // What `docker stats` costs is the engine's.
    docker = spawn('docker', ['stats', '--no-trunc'], { env: { ...process.env, DOCKER_HOST: engine.host }, stdio: 'ignore' });
    await delay(15_000);
    const baseline = { name: 'engine during docker stats', value: await busyShare([engine.child?.pid ?? 0], seconds) };
    const details = { containers: CONTAINERS, seconds, 'samples a second': Math.round(rate) };
    // 200 unwatched ones are to cost less than 5 % of a core.
    return [
      {
        scenario: 'k',
        name: 'agent, unwatched',
        value: unwatched,
        unit: '% of a core',
        baseline,
        bound: { of: 'value', kind: 'at-most', limit: 1.25 },
        details,
      },
      { scenario: 'k', name: 'agent, all watched', value: watched, unit: '% of a core', baseline, bound: null, details },
    ];
  } finally {
    docker?.kill();
    socket?.close();
    await Promise.all(runs.map(({ metadata }) => client.killRun(metadata.id)));
    await Promise.all(runs.map(({ metadata }) => client.waitRun(metadata.id)));
  }
}

async function busyShare(pids: readonly number[], seconds: number): Promise<number> {
  const before = ticks(pids);
  const start = performance.now();
  await delay(seconds * 1000);
  return ((ticks(pids) - before) / TICKS_A_SECOND / ((performance.now() - start) / 1000)) * 100;
}

/** User and system time, in ticks. */
function ticks(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    // The name, in brackets, may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}
