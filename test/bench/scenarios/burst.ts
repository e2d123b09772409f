/** (c) Many runs at once, against the raw Engine API at the parallelism that serves it best. */
import { elapsedMs, type Figure, median } from '../figures.ts';
import { RawEngine } from '../raw-engine.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const PARALLELISM = [1, 2, 4, 8];

export async function burst(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const count = quick ? 12 : 40;
  const rounds = quick ? 1 : 3;
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

  const berth: number[] = [];
  const theirs = new Map(PARALLELISM.map((parallel) => [parallel, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    berth.push(await ours());
    progress(`round ${round + 1} of ${rounds}: Berth ${Math.round(berth.at(-1) ?? 0)} ms`);
    for (const [parallel, times] of theirs) times.push(await raw.makespan(stage.helloImage, count, parallel));
  }
  const [parallel, best] = [...theirs].map(([lanes, times]) => [lanes, median(times)] as const).sort((a, b) => a[1] - b[1])[0] ?? [0, 0];
  const details = Object.fromEntries([...theirs].map(([lanes, times]) => [`raw at ${lanes}`, Math.round(median(times))]));
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
