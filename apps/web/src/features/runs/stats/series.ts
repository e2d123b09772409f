/** Samples as columns for a chart. Pure. */
import type { Sample } from '@berth/shared/model/sample';

/** What is drawn of each sample. */
export type Pick = (sample: Sample) => number;
/** Seconds since 1970, then a column a line; null is a gap. */
export type Columns = [number[], ...(number | null)[][]];

/** Of the history and what came since, in order; the history's where both speak of a time. */
export function joined(history: readonly Sample[], live: readonly Sample[]): Sample[] {
  const last = history.at(-1)?.at ?? '';
  return [...history, ...live.filter(({ at }) => at > last)];
}

/** `gapSeconds`: a longer time without a sample is one in which nothing is known, and no line is drawn over it. */
export function columnsOf(samples: readonly Sample[], picks: readonly Pick[], gapSeconds: number): Columns {
  const times: number[] = [];
  const lines: (number | null)[][] = picks.map(() => []);
  for (const sample of samples) {
    const at = Date.parse(sample.at) / 1000;
    const before = times.at(-1);
    if (before !== undefined && at - before > gapSeconds) {
      times.push(before + gapSeconds / 2);
      for (const line of lines) line.push(null);
    }
    times.push(at);
    for (const [index, line] of lines.entries()) line.push(picks[index]?.(sample) ?? null);
  }
  return [times, ...lines];
}

/** Points of an SVG polyline in a box of that size, the newest at the right; the highest value, or `atLeast`, at the top. */
export function sparkline(values: readonly number[], width: number, height: number, atLeast: number): string {
  const top = Math.max(atLeast, ...values);
  const step = width / Math.max(1, values.length - 1);
  return values.map((value, index) => `${(index * step).toFixed(1)},${(height - (value / top) * (height - 1) - 0.5).toFixed(1)}`).join(' ');
}
