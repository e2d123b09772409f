import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MaskedStream, masked, maskedText, maskOutput } from './masked-stream.ts';
import { patternsOf, SecretMatcher } from './secret-matcher.ts';

const matcherOf = (...values: string[]): SecretMatcher => {
  const matcher = SecretMatcher.of(values);
  if (!matcher) throw new Error('there is nothing to look for');
  return matcher;
};

/** By its definition: every byte that lies in some occurrence of some pattern. */
function maskedByDefinition(values: readonly string[], bytes: Buffer): Buffer {
  const result = Buffer.from(bytes);
  for (const pattern of values.flatMap(patternsOf)) {
    for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1))
      result.fill('*', at, at + Buffer.byteLength(pattern));
  }
  return result;
}

/** Few letters, so that values overlap themselves and one another; lines, so that they end. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '\n'), maxLength: 60 });
const value = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', '\n'), minLength: 4, maxLength: 12 });
const values = fc.array(value, { minLength: 1, maxLength: 4 });
const cuts = fc.array(fc.nat(200), { maxLength: 12 });

function pieces(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

it('masks what lies in a value, whatever it is, and keeps the length', () => {
  fc.assert(
    fc.property(values, text, (secrets, written) => {
      const matcher = SecretMatcher.of(secrets);
      if (!matcher) return;
      const bytes = Buffer.from(written);
      const result = masked(matcher, bytes);
      expect(result).toEqual(maskedByDefinition(secrets, bytes));
      expect(result.length).toBe(bytes.length);
    }),
    { numRuns: 1000 },
  );
});

it('is the same of a stream, wherever it is cut, and holds back less than a value, and nothing behind the end of a line', () => {
  fc.assert(
    fc.property(values, text, cuts, (secrets, written, places) => {
      const matcher = SecretMatcher.of(secrets);
      if (!matcher) return;
      const bytes = Buffer.from(written);
      const longest = Math.max(...secrets.flatMap(patternsOf).map((pattern) => Buffer.byteLength(pattern)));
      const stream = new MaskedStream(matcher);
      const out: Buffer[] = [];
      for (const piece of pieces(bytes, places)) {
        // As a reader's buffer, which is used again.
        const view = Buffer.from(piece);
        out.push(stream.push(view));
        view.fill('x');
        expect(stream.held).toBeLessThan(longest);
        if (piece.at(-1) === 10) expect(stream.held).toBe(0);
      }
      out.push(stream.end());
      expect(Buffer.concat(out)).toEqual(masked(matcher, bytes));
    }),
    { numRuns: 1000 },
  );
});

it('holds nothing back once a value is whole', () => {
  const stream = new MaskedStream(matcherOf('äab\n'));
  expect(stream.push(Buffer.from('x äa')).toString()).toBe('x ');
  expect(stream.push(Buffer.from('b')).toString()).toBe('****');
  expect(stream.held).toBe(0);
});

it('goes on from the beginning of any line as from the beginning of all', () => {
  fc.assert(
    fc.property(values, text, (secrets, written) => {
      const matcher = SecretMatcher.of(secrets);
      if (!matcher) return;
      const lines = written.split(/(?<=\n)/);
      expect(Buffer.concat(lines.map((line) => masked(matcher, Buffer.from(line))))).toEqual(masked(matcher, Buffer.from(written)));
    }),
  );
});

it('masks each telling line of a value, its base64 within other text, and nothing that is short', () => {
  const key = '-----BEGIN KEY-----\nMIIEvQIBADANBg\n}\n-----END KEY-----\n';
  expect(maskedText(matcherOf(key), 'x MIIEvQIBADANBg\r\n}\r\n')).toBe('x **************\r\n}\r\n');
  const password = matcherOf('correct horse');
  for (const before of ['', 'u:', 'me:']) {
    const encoded = Buffer.from(`${before}correct horse!`).toString('base64');
    const shown = Buffer.from(maskedText(password, encoded), 'base64').toString();
    expect(maskedText(password, encoded)).toMatch(/^[^*]{0,6}\*{14,}[^*]{0,4}=*$/);
    expect(shown).not.toContain('horse');
  }
  expect(SecretMatcher.of(['abc', 'a\nb\nc'])).toBeNull();
});

it('of a connection that breaks leaves out what is not decided, and of an end nothing', () => {
  for (const failure of [null, new Error('broken')]) {
    let out = '';
    const sink = maskOutput(matcherOf('secret'), { data: (_, bytes) => (out += bytes.toString()), end: () => undefined });
    sink.data('stdout', Buffer.from('a sec'));
    sink.data('stderr', Buffer.from('b'));
    sink.end(failure, { stdout: false, stderr: false });
    expect(out).toBe(failure === null ? 'a bsec' : 'a b');
  }
});

it('takes a step a byte, however long the values are', () => {
  const long = 'ab'.repeat(30_000);
  const matcher = matcherOf(`${long}c`, `${long}d`);
  const began = performance.now();
  expect(masked(matcher, Buffer.from('ab'.repeat(500_000))).includes('*')).toBe(false);
  expect(performance.now() - began).toBeLessThan(5000);
});
