import { BerthError } from '@berth/shared/errors/problem';
import { expect, it } from 'vitest';
import { compileMatcher } from './line-matcher.ts';

const matcher = (text: string, options: { regex?: boolean; ignoreCase?: boolean } = {}) =>
  compileMatcher({ text, regex: false, ignoreCase: false, field: 'search', ...options });

it.each([
  ['error', {}, 'an error', true],
  ['Error', {}, 'an error', false],
  ['Error', { ignoreCase: true }, 'an error', true],
  ['ä', { ignoreCase: true }, 'Ärger', true],
  ['a.c', {}, 'abc', false],
  ['a.c', { regex: true }, 'abc', true],
  ['^b', { regex: true }, 'abc', false],
  ['B$', { regex: true, ignoreCase: true }, 'ab', true],
])('%s %o in "%s": %s', (text, options, line, found) => {
  expect(matcher(text, options)(Buffer.from(line))).toBe(found);
});

it('an expression that would take for ever elsewhere takes its linear time', () => {
  expect(matcher('(a*)*b', { regex: true })(Buffer.from('a'.repeat(100_000)))).toBe(false);
});

it.each(['(', 'a{100}{100}', '\\1', '(?=a)'])('%s is refused with its field', (text) => {
  expect(() => matcher(text, { regex: true })).toThrow(BerthError);
});
