import { expect, test } from 'vitest';
import { bytesInWords, childOf, modeInWords, parentsOf } from './file-words.ts';

test('a path is its folders from the root down', () => {
  expect(parentsOf('/')).toEqual([{ name: '/', path: '/' }]);
  expect(parentsOf('/etc/ssl/')).toEqual([
    { name: '/', path: '/' },
    { name: 'etc', path: '/etc' },
    { name: 'ssl', path: '/etc/ssl' },
  ]);
  expect(childOf('/', 'etc')).toBe('/etc');
  expect(childOf('/etc', 'a b')).toBe('/etc/a b');
});

test.each([
  ['folder', 0o755, 'drwxr-xr-x'],
  ['file', 0o640, '-rw-r-----'],
  ['link', 0o777, 'lrwxrwxrwx'],
] as const)('the mode of a %s is written as ls does', (type, mode, words) => {
  expect(modeInWords({ type, mode })).toBe(words);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [20_000_000, '19 MiB'],
  [2 ** 41, '2.0 TiB'],
])('%i bytes are %s', (bytes, words) => {
  expect(bytesInWords(bytes)).toBe(words);
});
