import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, it } from 'vitest';
import { compileFinder } from './block-finder.ts';
import { filterOf, hashesOf, longFilterOf, longHashesOf, mayHold } from './gram-filter.ts';
import { compileMatcher } from './line-matcher.ts';
import { hasExoticCase, needlesOf } from './needles.ts';
import { requiredLiterals } from './required-literals.ts';
import type { Steps } from './steps.ts';

function whole<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

it.each([
  ['needle', ['needle']],
  ['ne+dle', ['ne', 'dle']],
  ['nee?dle', ['ne', 'dle']],
  ['ne{2}dle', ['ne', 'dle']],
  ['ne{0,2}dle', ['n', 'dle']],
  ['user=\\d+ agent="Chrome', ['user=', ' agent="Chrome']],
  ['a\\.b[x.]c', ['a.b', 'c']],
  ['[]a]b[^]a]', ['b']],
  ['[[:alpha:]]b', ['b']],
  ['(?:GET|POST) /orders', [' /orders']],
  ['(?P<verb>GET) /orders', ['GET', ' /orders']],
  ['(GET)? /orders', [' /orders']],
  ['(GET)+ /orders', ['GET', ' /orders']],
  ['^start.*end$', ['start', 'end']],
  ['a|b', []],
  ['x😀*y', ['x', 'y']],
  ['(?i)a', null],
  ['\\Aneedle', null],
  ['needle\\z', null],
  ['\\Qa.b\\E', null],
  ['\\x41', null],
  ['\\pL', null],
])('every match of %s holds %j', (expression, literals) => {
  expect(requiredLiterals(expression)).toEqual(literals);
});

const letters = ['a', 'b', 'k', 's', 'i', 'A', 'K', 'S', ' ', '1', '.', 'ä', 'Ä', '\u212A', '\u0130', '\u017F', 'Σ', 'ς', '\uFFFD', '😀'];
const lines = fc.array(fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 }), { minLength: 1, maxLength: 8 });
const atoms = fc.constantFrom(
  'a',
  'b',
  'k',
  's',
  'K',
  ' ',
  '\\.',
  '.',
  '[ab]',
  '[^k]',
  '\\d',
  '\\s',
  '\\b',
  '\\B',
  '^',
  '$',
  'ä',
  '(ab|k)',
  '(?:sk)',
  '\uFFFD',
  '😀',
);
const expressions = fc
  .array(fc.tuple(atoms, fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,1}', '+?')), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.map(([atom, times]) => atom + (/^(\^|\$|\\b|\\B)$/.test(atom) ? '' : times)).join(''));
const wanted = fc.oneof(
  fc.record({
    text: fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 4 }),
    regex: fc.constant(false),
    ignoreCase: fc.boolean(),
  }),
  fc.record({ text: expressions, regex: fc.constant(true), ignoreCase: fc.boolean() }),
);

it('no line that matches is gone over, whatever is searched for: not in a block, and not by what is kept beside one', () => {
  fc.assert(
    fc.property(wanted, lines, (search, texts) => {
      const matches = compileMatcher({ ...search, field: 'q' });
      const block = Buffer.from(texts.map((line) => `${line}\n`).join(''));
      const next = compileFinder(search)(block);
      const [filter, longFilter] = hasExoticCase(block) ? [] : [whole(filterOf([block])), whole(longFilterOf([block]))];
      const { texts: needles } = needlesOf(search);
      for (let from = 0; from < block.length; ) {
        const end = block.indexOf(10, from);
        if (matches(block.subarray(from, end))) {
          const place = next(from);
          expect(place).toBeGreaterThanOrEqual(from);
          expect(place).toBeLessThanOrEqual(end);
          if (filter) expect(mayHold(filter, hashesOf(needles))).toBe(true);
          if (longFilter) expect(mayHold(longFilter, longHashesOf(needles))).toBe(true);
        }
        from = end + 1;
      }
    }),
    { numRuns: 1500 },
  );
}, 30_000);

it('a filter goes over what is not there', () => {
  const filter = whole(filterOf([Buffer.from('GET /api/orders 200\n'.repeat(1000))]));
  if (!filter) throw new Error('it says nothing');
  expect(mayHold(filter, hashesOf([Buffer.from('orders')]))).toBe(true);
  expect(mayHold(filter, hashesOf([Buffer.from('ORDERS')]))).toBe(true);
  expect(mayHold(filter, hashesOf([Buffer.from('needle')]))).toBe(false);
  // Over the end of a line there is no text.
  expect(mayHold(filter, hashesOf([Buffer.from('0\nG')]))).toBe(false);
});

it('an id that is not there is gone over, where every three bytes of it are', () => {
  let seed = 1;
  const digit = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed >>> 28).toString(16);
  };
  const id = () => Array.from({ length: 16 }, digit).join('');
  const there = Array.from({ length: 10_000 }, id);
  const block = Buffer.from(
    there
      .map((text) => `2026-11-26T03:00:00.000Z 10.0.0.1 GET /api/orders 200 1234 bytes in 12 ms, request ${text} of worker 17\n`)
      .join(''),
  );
  const filter = whole(longFilterOf([block]));
  if (!filter) throw new Error('it says nothing');
  for (const text of there.slice(0, 100)) expect(mayHold(filter, longHashesOf([Buffer.from(text)]))).toBe(true);
  const others = Array.from({ length: 1000 }, id).filter((text) => mayHold(filter, longHashesOf([Buffer.from(text)])));
  expect(others.length).toBeLessThan(50);
});

it('three characters outside ASCII alone are letters of ASCII in another case', () => {
  const letter = RE2JS.compile('[a-z]', RE2JS.CASE_INSENSITIVE);
  for (let code = 0x80; code <= 0x10ffff; code++) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const character = String.fromCodePoint(code);
    if (/[\0-\x7f]/.test(character.toLowerCase()) || (code < 0x3000 && letter.test(character)))
      expect(hasExoticCase(Buffer.from(character))).toBe(true);
  }
});

it('what lies over the end of a step is in a filter, too', () => {
  const step = 64 * 1024;
  const block = Buffer.alloc(4 * step, 'x');
  for (let place = step; place < block.length; place += step) block.write(`0123456789abcde${place / step}`, place - 8);
  const [filter, longFilter] = [whole(filterOf([block])), whole(longFilterOf([block]))];
  if (!filter || !longFilter) throw new Error('they say nothing');
  expect(mayHold(filter, hashesOf([Buffer.from('needle')]))).toBe(false);
  for (let place = step; place < block.length; place += step) {
    for (let from = place - 8; from <= place; from++) {
      const text = block.subarray(from, from + 8);
      expect(mayHold(filter, hashesOf([text])), `${from}`).toBe(true);
      expect(mayHold(longFilter, longHashesOf([text])), `${from}`).toBe(true);
    }
  }
});
