import { describe, expect, it } from 'vitest';
import { type ExpectedLog, judgeLog } from './judge-log.ts';

const LIFE = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222'];
const out = (...numbers: number[]) => numbers.map((number) => `out ${number}\n`).join('');
const err = (...numbers: number[]) => numbers.map((number) => `err ${number}\n`).join('');
const life = (index: number) => `life ${LIFE[index]}\n`;
const whole: ExpectedLog = { lives: { least: 1, most: 1 }, lines: 3, isWhole: true, gaps: 0 };

describe('a log is judged', () => {
  it('good with every line once and in order', () => {
    expect(judgeLog(life(0) + out(0, 1, 2), err(0, 1, 2), whole)).toEqual([]);
  });

  it('good with each life from its first line', () => {
    const twice = { ...whole, lives: { least: 2, most: 2 } };
    expect(judgeLog(life(0) + out(0, 1, 2) + life(1) + out(0, 1, 2), err(0, 1, 2, 0, 1, 2), twice)).toEqual([]);
  });

  it('good with a life cut short where a host was lost, and bad with one elsewhere', () => {
    const [stdout, stderr, lives] = [life(0) + out(0, 1) + life(1) + out(0, 1, 2), err(0, 1, 2, 0, 1, 2), { least: 2, most: 2 }];
    expect(judgeLog(stdout, stderr, { ...whole, lives, mayBeCut: true })).toEqual([]);
    expect(judgeLog(stdout, stderr, { ...whole, lives })).toEqual(['stdout: a life ends after line 1 of 3']);
  });

  it('good where a signal ended it, wherever that was', () => {
    expect(judgeLog(`${life(0)}${out(0, 1)}out`, err(0), { ...whole, lines: null, isWhole: false })).toEqual([]);
  });

  it.each([
    ['a missing line', life(0) + out(0, 2), 'stdout: lines 1 to 1 are missing'],
    ['a line that came twice', life(0) + out(0, 1, 1, 2), 'stdout: line 1 comes after line 1'],
    ['an end that is missing', life(0) + out(0, 1), 'stdout: it ends after line 1 of 3'],
    ['half a line', `${life(0)}${out(0, 1)}out`, 'stdout: its last line is not whole: "out"'],
    ['a piece of another log', `${life(0)}${out(0, 1, 2)}hello\n`, 'stdout: what nobody wrote: "hello"'],
    ['a start that came twice', life(0) + life(0) + out(0, 1, 2), 'the log tells twice of one start'],
    ['a life that Berth does not know of', life(0) + out(0, 1, 2) + life(1), 'its containers began 2 lives, and Berth tells of 1'],
    ['no life at all', out(0, 1, 2), 'the log tells of 0 of 1 starts'],
  ])('bad with %s', (_what, stdout, complaint) => {
    expect(judgeLog(stdout, err(0, 1, 2), whole).join('; ')).toContain(complaint);
  });

  it('with gaps no larger than what may be missing', () => {
    expect(judgeLog(life(0) + out(0, 2), err(0, 1), { ...whole, gaps: 1 })).toEqual([]);
    expect(judgeLog(life(0) + out(2), err(0, 1, 2), { ...whole, gaps: 1 })).not.toEqual([]);
  });
});
