/** Where in a block of whole lines one may match, without looking at every line. Pure (law L2). */
import { RE2JS } from 're2js';
import type { Wanted } from './line-matcher.ts';
import { hasExoticCase, needlesOf } from './needles.ts';
import { requiredLiterals } from './required-literals.ts';

/** From a line's beginning: a place in the next line that may match, which is that one itself where nothing is known; -1 for none. */
type NextPlace = (from: number) => number;
export type BlockFinder = (block: Buffer) => NextPlace;

const everyLine: NextPlace = (from) => from;
const noLine: NextPlace = () => -1;

export function compileFinder(wanted: Omit<Wanted, 'field'>): BlockFinder {
  const { texts, fold } = needlesOf(wanted);
  const [longest] = texts;
  if (longest && !fold) return (block) => (from) => block.indexOf(longest, from);
  if (longest) {
    const text = longest.toString('latin1');
    return (block) => {
      if (hasExoticCase(block)) return everyLine;
      // A character is a byte here, and stays one in lower case.
      const lower = block.toString('latin1').toLowerCase();
      return (from) => lower.indexOf(text, from);
    };
  }
  // An expression that knows no places but those of lines finds in many lines at once what it finds in one of them, and perhaps more.
  if (!wanted.regex || requiredLiterals(wanted.text) === null) return () => everyLine;
  const lines = RE2JS.compile(wanted.text, RE2JS.MULTILINE | (wanted.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0));
  return (block) => (lines.test(block.toString('utf8')) ? everyLine : noLine);
}
