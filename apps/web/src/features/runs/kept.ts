/** What is already there, changed by a form that does not show all of it. Pure. */
import { defined } from './form-values.ts';

/**
 * Each part as it is in `original` where the form says the same of it as it did `before` it was touched; else as the form has it `now`.
 * What the form says by itself of what was never asked for is not asked for either.
 */
export function kept<T extends object>(now: T, before: T, original: T): T {
  const [said, saidBefore, was] = [partsOf(now), partsOf(before), partsOf(original)];
  const untouched = [...new Set([...said.keys(), ...was.keys()])].filter(
    (key) => JSON.stringify(said.get(key)) === JSON.stringify(saidBefore.get(key)),
  );
  return defined({ ...now, ...Object.fromEntries(untouched.map((key) => [key, was.get(key)])) });
}

const partsOf = (value: object) => new Map<string, unknown>(Object.entries(value));
