/** (a) From the create to exited as a REST client sees it, against `docker run --rm` on the same engine. */
import { dockerRun } from '../docker-cli.ts';
import { alternate, type Figure, median, spread } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

export async function runLatency(stage: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = stage.berth;
  const ours = async () => {
    const start = performance.now();
    // `docker run` does not pull an image that is there; neither does this.
    const { metadata } = await client.createRun({ image: stage.helloImage, pullPolicy: 'if-not-present' });
    const { status } = await client.waitRun(metadata.id);
    const elapsed = performance.now() - start;
    if (status.exitCode !== 0) throw new Error(`the run ended badly: ${status.message}`);
    return elapsed;
  };
  const theirs = async () => (await dockerRun(stage.engine.host, [stage.helloImage])).exitMs;
  const pairs = await alternate(quick ? 5 : 30, ours, theirs, 2);
  progress(`${pairs.length} pairs`);
  const [berth, docker] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.theirs)];
  return [
    {
      scenario: 'a',
      name: 'create to exited, median',
      value: median(berth),
      unit: 'ms',
      baseline: { name: 'docker run --rm', value: median(docker) },
      bound: { of: 'ratio', kind: 'at-most', limit: 1.05 },
      details: { ...spread(berth), baselineP90: spread(docker).p90 ?? 0, baselineMin: spread(docker).min ?? 0 },
    },
  ];
}
