/** (c) Many runs at once, against the raw Engine API at the parallelism that serves it best. */
import { DEFAULT_LIMITS } from '../../../apps/agent/src/planner/model.ts';
import { eventually } from '../../support/eventually.ts';
import { elapsedMs, type Figure, median } from '../figures.ts';
import { RawEngine } from '../raw-engine.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const PARALLELISM = [1, 2, 4, 8, 16];

/** The agent has removed what it does not keep as evidence. */
const cleared = async (raw: RawEngine) => {
  let containers = Number.NaN;
  await eventually(
    'the agent to have removed old containers',
    async () => {
      containers = await raw.count();
      return containers <= DEFAULT_LIMITS.keepEndedCount;
    },
    () => ({ containers, kept: DEFAULT_LIMITS.keepEndedCount }),
    60_000,
  );
};

export async function burst(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const count = quick ? 12 : 40;
  const rounds = quick ? 1 : 7;
  const { client } = stage.berth;
  const raw = new RawEngine(stage.engine.socket);

  const ours = () =>
    elapsedMs(() =>
      Promise.all(
        Array.from({ length: count }, async () => {
          const { metadata } = await client.createRun({ image: stage.helloImage, pullPolicy: 'if-not-present' });
          const { status } = await client.waitRun(metadata.id, 'exited', 300);
          if (status.exitCode !== 0) throw new Error(`a run of the burst ended badly: ${status.message}`);
        }),
      ),
    );

  // First which parallelism serves the raw engine best, then that and Berth in turn: the machine's own swings meet both.
  const explored: [parallel: number, time: number][] = [];
  for (const parallel of PARALLELISM) explored.push([parallel, await raw.makespan(stage.helloImage, count, parallel)]);
  const [parallel] = explored.reduce((best, next) => (next[1] < best[1] ? next : best));
  const berth: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const ourTime = await ours();
    // Neither clears up within its own time, nor within the other's.
    await cleared(raw);
    const pair = [ourTime, await raw.makespan(stage.helloImage, count, parallel)] as const;
    berth.push(pair[0]);
    theirs.push(pair[1]);
    progress(`round ${round + 1} of ${rounds}: Berth ${Math.round(pair[0])} ms, raw ${Math.round(pair[1])} ms`);
  }
  const best = median(theirs);
  const details = Object.fromEntries(explored.map(([lanes, time]) => [`raw at ${lanes}, once`, Math.round(time)]));
  return [
    {
      scenario: 'c',
      name: `makespan of ${count} runs, median of ${rounds}`,
      value: median(berth),
      unit: 'ms',
      baseline: { name: `raw Engine API, ${parallel} at a time`, value: best },
      bound: { of: 'ratio', kind: 'at-most', limit: 1.1 },
      details: { ...details, runsPerSecond: Math.round((count / median(berth)) * 1e5) / 100 },
    },
  ];
}
