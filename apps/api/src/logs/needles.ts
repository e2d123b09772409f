/** Byte strings that a line must hold to match: what a search looks for before it looks at lines. Pure (law L2). */
import type { Wanted } from './line-matcher.ts';
import { requiredLiterals } from './required-literals.ts';

export interface Needles {
  /** The longest first; every one must be in the line. None: nothing is known. */
  texts: readonly Buffer[];
  /** They are ASCII in lower case, and found in any case. */
  fold: boolean;
}

/** Outside ASCII, these alone are letters of ASCII in another case: K for k, İ for i, and for expressions ſ for s. */
const EXOTIC = ['\u212A', '\u0130', '\u017F'].map((character) => Buffer.from(character));

/** Whether "in any case" has to be judged by characters here, not by bytes. */
export const hasExoticCase = (bytes: Buffer): boolean => EXOTIC.some((character) => bytes.includes(character));

export function needlesOf({ text, regex, ignoreCase }: Omit<Wanted, 'field'>): Needles {
  const literals = regex ? (requiredLiterals(text) ?? []) : [ignoreCase ? text.toLowerCase() : text];
  // Bytes that are not UTF-8 match as U+FFFD in expressions; what is not ASCII has its case by rules of its own.
  const parts = ignoreCase
    ? literals.flatMap((literal) => literal.split(/[^\0-\x7F]+/)).map((part) => part.toLowerCase())
    : regex
      ? literals.flatMap((literal) => literal.split('\uFFFD'))
      : literals;
  const texts = parts.filter((part) => part !== '').map((part) => Buffer.from(part, 'utf8'));
  return { texts: texts.sort((a, b) => b.length - a.length), fold: ignoreCase };
}
