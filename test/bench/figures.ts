/** What a scenario finds out, and the arithmetic of it. */

/** A stated bound: of the ratio to the baseline, or of the value itself. */
export interface Bound {
  of: 'ratio' | 'value';
  kind: 'at-most' | 'at-least';
  limit: number;
}

export interface Figure {
  /** "a", "b" …: the scenario. */
  scenario: string;
  name: string;
  value: number;
  unit: string;
  /** The same of what it is compared with, measured beside it. */
  baseline: { name: string; value: number; unit?: string } | null;
  bound: Bound | null;
  /** Anything that explains it: percentiles, sample sizes. */
  details: Record<string, number | string>;
}

export type Verdict = 'PASS' | 'MISS' | '-';

export function ratioOf(figure: Figure): number | null {
  return figure.baseline && figure.baseline.value !== 0 ? figure.value / figure.baseline.value : null;
}

/** A figure without a bound is told, not judged. A ratio that cannot be had misses its bound. */
export function judge(figure: Figure): Verdict {
  const { bound } = figure;
  if (!bound) return '-';
  const actual = bound.of === 'ratio' ? ratioOf(figure) : figure.value;
  if (actual === null || !Number.isFinite(actual)) return 'MISS';
  return (bound.kind === 'at-most' ? actual <= bound.limit : actual >= bound.limit) ? 'PASS' : 'MISS';
}

/** `share` 0 to 1, by the nearest rank. Throws RangeError where there are no values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
  if (value === undefined) throw new RangeError('no values were measured');
  return value;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new RangeError('no values were measured');
  return (low + high) / 2;
}

export const spread = (values: readonly number[]): Record<string, number> => ({
  samples: values.length,
  min: Math.min(...values),
  p50: median(values),
  p90: percentile(values, 0.9),
  p99: percentile(values, 0.99),
  max: Math.max(...values),
});

export interface Pair {
  ours: number;
  theirs: number;
}

/**
 * Measures both sides in turns, so that a machine that becomes slower becomes so for both; who begins changes with every pair.
 * The first `warmUps` pairs are not counted.
 */
export async function alternate(pairs: number, ours: () => Promise<number>, theirs: () => Promise<number>, warmUps = 1): Promise<Pair[]> {
  const measured: Pair[] = [];
  for (let turn = 0; turn < pairs + warmUps; turn++) {
    const pair = { ours: 0, theirs: 0 };
    if (turn % 2 === 0) pair.ours = await ours();
    pair.theirs = await theirs();
    if (turn % 2 === 1) pair.ours = await ours();
    if (turn >= warmUps) measured.push(pair);
  }
  return measured;
}

export async function elapsedMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
