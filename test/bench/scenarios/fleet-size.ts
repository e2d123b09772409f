/**
 * (n) What a run costs with few hosts and with many: each fleet has an api, a Postgres and a Redis of its own, and they are measured in turns.
 * What the other one's idle hosts cost is the other one's; a machine that becomes slower becomes so for both.
 */
import { startBerth } from '../../support/berth.ts';
import { alternate, type Figure, median, spread } from '../figures.ts';
import { meterOf, openFleet } from '../open-fleet.ts';
import { BENCH_ENV, openDatabase } from '../stage.ts';
import type { BenchOptions } from './index.ts';

interface Sized {
  cost(): Promise<number>;
  close(): Promise<void>;
}

export async function fleetSize({ quick, progress }: BenchOptions): Promise<Figure> {
  const size = quick ? { few: 5, many: 50, runs: 500, pairs: 2, warmUps: 0 } : { few: 10, many: 1_000, runs: 10_000, pairs: 6, warmUps: 2 };
  const few = await openSized(size.few, size.runs);
  try {
    const many = await openSized(size.many, size.runs);
    try {
      const told = (hosts: number, fleet: Sized) => async () => {
        const cost = await fleet.cost();
        progress(`${hosts} hosts: ${cost.toFixed(3)} ms of a core a run`);
        return cost;
      };
      const pairs = await alternate(size.pairs, told(size.many, many), told(size.few, few), size.warmUps);
      return {
        scenario: 'n',
        name: `a run, ${size.many} hosts`,
        value: median(pairs.map(({ ours }) => ours)),
        unit: 'ms of a core',
        baseline: { name: `${size.few} hosts`, value: median(pairs.map(({ theirs }) => theirs)) },
        bound: { of: 'ratio', kind: 'at-most', limit: 1.15 },
        details: { 'runs a sample': size.runs, ...spread(pairs.map(({ ours, theirs }) => ours / theirs)) },
      };
    } finally {
      await many.close();
    }
  } finally {
    await few.close();
  }
}

/** A fleet with a Berth of its own. */
async function openSized(hosts: number, runs: number): Promise<Sized> {
  const ends: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    const { databaseUrl, stop } = await openDatabase();
    ends.push(stop);
    const berth = await startBerth({ databaseUrl, env: BENCH_ENV });
    ends.push(() => berth.stop());
    const meter = await meterOf(berth);
    ends.push(async () => meter.redis.disconnect());
    const fleet = await openFleet(berth, `bench-${hosts}`, hosts);
    ends.push(() => fleet.close());
    await fleet.burst(runs / 10, () => undefined);
    return { cost: () => fleet.costOf(runs, meter, () => undefined), close };
  } catch (error) {
    await close();
    throw error;
  }
}
