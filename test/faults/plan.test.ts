import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planFaults, renderPlan } from './plan.ts';

const fleet = { real: 3, simulated: 3, replicas: 2 };
const plan = (seed: number, runs = 60) => planFaults({ seed, runs, fleet });

describe('a plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        expect(plan(seed)).toEqual(plan(seed));
        expect(plan(seed)).not.toEqual(plan((seed + 1) >>> 0));
      }),
    );
  });

  it('names only hosts and replicas that there are, and engines that are real', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        for (const { fault } of plan(seed).faults) {
          if ('host' in fault)
            expect(fault.host).toBeLessThan(/engine|clock|disk/.test(fault.fault) ? fleet.real : fleet.real + fleet.simulated);
          if ('replica' in fault) expect(fault.replica).toBeLessThan(fleet.replicas);
          if ('seconds' in fault) expect(fault.seconds).toBeLessThan(30);
        }
      }),
    );
  });

  it('has every kind of fault as often as any other, give or take one', () => {
    const count = new Map<string, number>();
    for (const { fault } of plan(7, 1000).faults) count.set(fault.fault, (count.get(fault.fault) ?? 0) + 1);
    expect(Math.max(...count.values()) - Math.min(...count.values())).toBeLessThanOrEqual(1);
  });

  it('is printed with all of its faults', () => {
    const planned = plan(3, 40);
    const text = renderPlan(planned);
    expect(text.split('\n')).toHaveLength(planned.faults.length + 1);
    expect(text).toMatch(/^seed 3: 40 runs \(/);
    expect(text).toMatch(/#0 after run 4: \S+/);
  });
});
