import { describe, expect, it } from 'vitest';
import { alternate, type Figure, judge, median, percentile, ratioOf } from './figures.ts';

const figure = (value: number, rest: Partial<Figure> = {}): Figure => ({
  scenario: 'a',
  name: 'a figure',
  value,
  unit: 'ms',
  baseline: null,
  bound: null,
  details: {},
  ...rest,
});

describe('the verdict on a figure', () => {
  it('is a miss beyond the bound of its ratio, and a pass up to it', () => {
    const bound = { of: 'ratio', kind: 'at-most', limit: 1.05 } as const;
    const baseline = { name: 'the floor', value: 100 };
    expect(judge(figure(105, { bound, baseline }))).toBe('PASS');
    expect(judge(figure(106, { bound, baseline }))).toBe('MISS');
  });

  it('is a miss under a bound that its value has to reach', () => {
    const bound = { of: 'value', kind: 'at-least', limit: 200 } as const;
    expect(judge(figure(200, { bound }))).toBe('PASS');
    expect(judge(figure(199, { bound }))).toBe('MISS');
  });

  it('is a miss where there is nothing to compare with', () => {
    const bound = { of: 'ratio', kind: 'at-most', limit: 1.05 } as const;
    expect(judge(figure(1, { bound }))).toBe('MISS');
    expect(judge(figure(1, { bound, baseline: { name: 'nothing', value: 0 } }))).toBe('MISS');
    expect(judge(figure(Number.NaN, { bound, baseline: { name: 'the floor', value: 1 } }))).toBe('MISS');
  });

  it('is left open without a bound', () => {
    expect(judge(figure(1))).toBe('-');
    expect(ratioOf(figure(3, { baseline: { name: 'the floor', value: 2 } }))).toBe(1.5);
  });
});

describe('the arithmetic', () => {
  it('takes the middle of an odd and of an even number of values', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(() => median([])).toThrow(RangeError);
  });

  it('takes percentiles by the nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(percentile(values, 0.5)).toBe(50);
    expect(percentile(values, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('measures both sides in turns, does not count the warm-ups, and changes who begins', async () => {
    const order: string[] = [];
    const side = (name: string) => async () => order.push(name);
    const pairs = await alternate(2, side('ours'), side('theirs'), 1);
    expect(order).toEqual(['ours', 'theirs', 'theirs', 'ours', 'ours', 'theirs']);
    expect(pairs).toEqual([
      { theirs: 3, ours: 4 },
      { ours: 5, theirs: 6 },
    ]);
  });
});
