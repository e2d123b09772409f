import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  passed: number;
  failed: number;
  /** What failed, each with the first line of why: said again at the end, where somebody who has only the end of the output finds it. */
  failures: string[];
}

/** One line for a failure: its name, and why. */
export function failure(name: string, why: string): string {
  const [first = ''] = stripVTControlCharacters(why).trim().split('\n');
  return first === '' ? name : `${name}: ${first}`;
}
