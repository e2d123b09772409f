import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AutoscaleRecord, planAutoscale } from './plan-autoscale.ts';

const SPEC = { min: 1, max: 10, cpuPercent: 50 };
const cpu = (cpuPercent: number | null) => ({ replicas: 3, cpuPercent, memoryPercent: null });

test('twice the aim is twice as many, at once', () => {
  expect(planAutoscale(SPEC, 3, cpu(100), null, 0)).toMatchObject({
    desired: 6,
    message: 'its replicas use 100 % of their CPU, 50 % is the aim: 6 wanted now, 6 by its windows',
  });
});

test('within a tenth of the aim nothing changes', () => {
  expect(planAutoscale(SPEC, 3, cpu(54), null, 0).desired).toBe(3);
});

test('it goes down only to the most that was wanted within the window', () => {
  const high = planAutoscale(SPEC, 3, cpu(100), null, 0);
  const soon = planAutoscale(SPEC, 6, cpu(10), high, 60_000);
  expect(soon.desired).toBe(6);
  expect(planAutoscale(SPEC, 6, cpu(10), soon, 361_000).desired).toBe(2);
});

test('with a window upwards it goes up only to the least that was wanted within it', () => {
  const spec = { ...SPEC, scaleUpWindowSeconds: 60 };
  const low = planAutoscale(spec, 3, cpu(50), null, 0);
  const peak = planAutoscale(spec, 3, cpu(100), low, 30_000);
  expect(peak.desired).toBe(3);
  expect(planAutoscale(spec, 3, cpu(100), peak, 91_000).desired).toBe(6);
});

test('the greater of what CPU and memory want counts', () => {
  const spec = { ...SPEC, memoryPercent: 50 };
  expect(planAutoscale(spec, 2, { replicas: 2, cpuPercent: 10, memoryPercent: 100 }, null, 0)).toMatchObject({ desired: 4 });
});

test('without samples nothing is decided by them', () => {
  expect(planAutoscale(SPEC, 3, { replicas: 0, cpuPercent: null, memoryPercent: null }, null, 0)).toMatchObject({ desired: 3, wanted: [] });
});

test('whatever is used, it stays between its bounds', () => {
  const use = fc.option(fc.float({ min: 0, max: 2000, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.tuple(use, fc.nat(100_000)), { maxLength: 30 }), fc.nat(20), (uses, first) => {
      let record: AutoscaleRecord | null = null;
      let now = 0;
      for (const [cpuPercent, pause] of uses) {
        now += pause;
        record = planAutoscale(SPEC, record?.desired ?? first, cpu(cpuPercent), record, now);
        expect(record.desired).toBeGreaterThanOrEqual(1);
        expect(record.desired).toBeLessThanOrEqual(10);
      }
    }),
  );
});
