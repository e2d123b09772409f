import type { Layer } from '@berth/shared/model/pull';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRate, pullSummary, type Rate, speedOf, totalsOf } from './pull-rate.ts';

const layer = (state: Layer['state'], current: number | null, total: number | null): Layer => ({ id: state, state, current, total });

describe('the speed of a pull', () => {
  it('is exact where it does not change, however the reports are spaced', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.array(fc.integer({ min: 200, max: 5000 }), { minLength: 1, maxLength: 30 }),
        (speed, gaps) => {
          let at = 0;
          let rate: Rate | undefined = nextRate(undefined, 0, at);
          for (const gap of gaps) {
            at += gap;
            rate = nextRate(rate, (speed * at) / 1000, at);
          }
          expect(speedOf(rate, at)).toBeCloseTo(speed, -Math.log10(speed * 1e-6));
        },
      ),
    );
  });

  it('stays between the slowest and the fastest that was seen', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 200, max: 3000 }), fc.integer({ min: 1, max: 1e6 })), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(steps, (seen) => {
        let [at, bytes] = [0, 0];
        let rate: Rate | undefined = nextRate(undefined, 0, 0);
        const speeds = [];
        for (const [gap, more] of seen) {
          at += gap;
          bytes += more;
          speeds.push((more / gap) * 1000);
          rate = nextRate(rate, bytes, at);
        }
        const speed = speedOf(rate, at) ?? -1;
        expect(speed).toBeGreaterThanOrEqual(Math.min(...speeds) * 0.999);
        expect(speed).toBeLessThanOrEqual(Math.max(...speeds) * 1.001);
      }),
    );
  });

  it('is not told of one report, nor when nothing has come for a while, nor of another stage', () => {
    const first = nextRate(undefined, 100, 0);
    expect(speedOf(first, 0)).toBeNull();
    const second = nextRate(first, 1100, 1000);
    expect(speedOf(second, 1000)).toBe(1000);
    expect(speedOf(second, 7000)).toBeNull();
    expect(speedOf(nextRate(second, 0, 2000), 2000)).toBeNull();
  });
});

describe('how far a pull is', () => {
  const layers = [layer('exists', null, null), layer('complete', 40, 40), layer('extracting', 5, 30), layer('downloading', 10, 50)];

  it('counts what came over the network, also of layers that are being unpacked', () => {
    expect(totalsOf(layers)).toEqual({ layers: 4, done: 2, bytes: 80, total: 120, whole: true });
  });

  it('is said in a line, with the time left where all sizes are known', () => {
    expect(pullSummary(totalsOf(layers), 10)).toBe('2 of 4 layers, 80 B of 120 B, 10 B/s, 4 s left');
    expect(pullSummary(totalsOf([...layers, layer('waiting', null, null)]), 10)).toBe('2 of 5 layers, 80 B of at least 120 B, 10 B/s');
    expect(pullSummary(totalsOf([layer('extracting', 3, 40)]), 10)).toBe('0 of 1 layer, 40 B of 40 B');
    expect(pullSummary(totalsOf([layer('pulling', null, null)]), null)).toBe('0 of 1 layer');
  });
});
