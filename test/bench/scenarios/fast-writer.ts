/**
 * (m) A container that writes as fast as it can while Berth keeps its log, against the same with nobody attached: how fast it can write, by the
 * engine's own times of its start and its end. What Berth brings and what it states as lost is together what was written.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { run } from '../../../scripts/parts/command.ts';
import { ConsoleClient } from '../console-client.ts';
import { alternate, type Figure, median } from '../figures.ts';
import { residentMB } from '../process-cost.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const MEGABYTE = 1_000_000;
const BLOCK = 64 * 1024;
const SAMPLE_MS = 250;
/** What the agent asks of the engine for its containers. */
const LOG_OPTIONS = ['--log-driver', 'local', '--log-opt', 'max-size=64m', '--log-opt', 'max-file=4'];

export async function fastWriter(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { berth, agent, engine, shellImage } = stage;
  const { client } = berth;
  const blocks = quick ? 1_000 : 6_000;
  const bytes = blocks * BLOCK;
  const args = ['dd', 'if=/dev/zero', `bs=${BLOCK}`, `count=${blocks}`];
  const socket = await ConsoleClient.connect(client.account);
  const most = { api: 0, agent: 0 };
  let lost = 0;

  const rate = (startedAt: string, finishedAt: string) => bytes / MEGABYTE / ((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);

  const ours = async () => {
    const { metadata } = await client.createRun({ image: shellImage, args, pullPolicy: 'if-not-present' });
    const told = { received: 0, dropped: 0 };
    const ending = new AbortController();
    const watching = watchMemory(ending.signal);
    await socket.followLog(metadata.id, ({ stream, data, dropped }) => {
      if (stream !== 'stdout') return;
      told.received += data.length;
      told.dropped += dropped;
    });
    ending.abort();
    await watching;
    if (told.received + told.dropped !== bytes)
      throw new Error(`of ${bytes} bytes ${told.received} came, and ${told.dropped} were stated as lost`);
    lost = Math.max(lost, told.dropped);
    const { status } = await client.waitRun(metadata.id);
    if (!status.startedAt || !status.finishedAt) throw new Error('a run has ended without its times');
    const found = rate(status.startedAt, status.finishedAt);
    progress(
      `Berth ${found.toFixed(0)} MB/s, ${(told.dropped / MEGABYTE).toFixed(1)} MB stated as lost; api ${most.api.toFixed(0)}, agent ${most.agent.toFixed(0)} MB`,
    );
    return found;
  };

  const watchMemory = async (signal: AbortSignal) => {
    while (!signal.aborted) {
      most.api = Math.max(most.api, residentMB(berth.api.pid));
      most.agent = Math.max(most.agent, residentMB(agent.pid));
      await delay(SAMPLE_MS);
    }
  };

  const docker = async (...words: string[]) => {
    const { stdout } = await run('docker', words, { env: { ...process.env, DOCKER_HOST: engine.host } });
    return stdout.trim();
  };
  const theirs = async () => {
    const id = await docker('run', '-d', ...LOG_OPTIONS, shellImage, ...args);
    await docker('wait', id);
    const [startedAt = '', finishedAt = ''] = (await docker('inspect', '-f', '{{.State.StartedAt}} {{.State.FinishedAt}}', id)).split(' ');
    await docker('rm', id);
    const found = rate(startedAt, finishedAt);
    progress(`docker run -d ${found.toFixed(0)} MB/s`);
    return found;
  };

  try {
    const pairs = await alternate(quick ? 1 : 3, ours, theirs, quick ? 0 : 1);
    const details = { 'MB written': bytes / MEGABYTE, 'MB stated as lost, most': lost / MEGABYTE, samples: pairs.length };
    const memory = (name: 'api' | 'agent'): Figure => ({
      scenario: 'm',
      name: `${name}, most resident meanwhile`,
      value: most[name],
      unit: 'MB',
      baseline: null,
      bound: null,
      details: {},
    });
    return [
      {
        scenario: 'm',
        name: 'what a container can write while its log is kept, median',
        value: median(pairs.map((pair) => pair.ours)),
        unit: 'MB/s',
        baseline: { name: 'docker run -d, nobody attached', value: median(pairs.map((pair) => pair.theirs)) },
        bound: null,
        details,
      },
      memory('agent'),
      memory('api'),
    ];
  } finally {
    socket.close();
  }
}
