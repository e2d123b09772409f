import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSchema, formatBytes, formatCpu, memorySchema, parseCpu, parseMemory } from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['500m', 500],
    ['0.5', 500],
    [2, 2000],
    [0.001, 1],
    ['0', null],
    [0, null],
    ['-1', null],
    ['1 core', null],
    ['', null],
    [Number.NaN, null],
    [Number.POSITIVE_INFINITY, null],
  ])('reads %j as thousandths of a core', (text, millis) => expect(parseCpu(text)).toBe(millis));

  it.each([
    ['64Mi', 67_108_864],
    ['1.5Gi', 1_610_612_736],
    ['10M', 10_000_000],
    [1048576, 1_048_576],
    ['64MB', null],
    ['64m', null],
    ['0', null],
    ['lots', null],
  ])('reads %j as bytes', (text, bytes) => expect(parseMemory(text)).toBe(bytes));

  it('refuses less memory than the engine takes, naming the mend', () => {
    const parsed = memorySchema.safeParse('5Mi');
    expect(parsed.error?.issues[0]?.message).toContain('at least 6Mi');
    expect(cpuSchema.safeParse('0m').success).toBe(false);
  });

  it('shows thousandths of a core so that they read back the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (millis) => {
        expect(parseCpu(formatCpu(millis))).toBe(millis);
      }),
    );
  });

  it('shows bytes in powers of 1024 with their unit', () => {
    expect([0, 512, 1024, 1536, 43_000_000, 2 ** 31].map(formatBytes)).toEqual(['0 B', '512 B', '1 KiB', '1.5 KiB', '41 MiB', '2 GiB']);
  });
});
