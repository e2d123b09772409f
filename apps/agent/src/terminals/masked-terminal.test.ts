import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SecretMatcher } from '../secrets/secret-matcher.ts';
import { MaskedTerminal } from './masked-terminal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open(...values: string[]) {
  const matcher = SecretMatcher.of(values);
  if (!matcher) throw new Error('there is nothing to look for');
  let shown = '';
  const terminal = new MaskedTerminal(matcher, (bytes) => {
    shown += bytes.toString();
  });
  return { write: (text: string) => terminal.push(Buffer.from(text)), end: () => terminal.release(), shown: () => shown };
}

it('masks a value, also one that comes in two pieces', () => {
  const { write, shown } = open('correct horse');
  write('TOKEN=correct horse\r\n$ echo corr');
  write('ect horse\r\n');
  expect(shown()).toBe(`TOKEN=${'*'.repeat(13)}\r\n$ echo ${'*'.repeat(13)}\r\n`);
});

it('shows what is typed after a moment, though a value begins so; the rest of a value is masked all the same', () => {
  const { write, shown } = open('correct horse');
  write('$ c');
  expect(shown()).toBe('$ ');
  vi.advanceTimersByTime(50);
  expect(shown()).toBe('$ c');
  write('o');
  write('py');
  expect(shown()).toBe('$ copy');
  write(' correct h');
  vi.advanceTimersByTime(50);
  write('orse!');
  expect(shown()).toBe('$ copy correct h****!');
});

it('shows what it has at its end', () => {
  const { write, end, shown } = open('correct horse');
  write('cor');
  end();
  expect(shown()).toBe('cor');
});
