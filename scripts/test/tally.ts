import { stripVTControlCharacters } from 'node:util';

export interface Tally {
  passed: number;
  failed: number;
  /** What failed, each with why: said again at the end, where somebody who has only the end of the output finds it. */
  failures: string[];
}

/** How much is said of a failure at the end, in lines: a last state that was seen has some dozens, what was expected comes before it. */
const WHY_LINES = 60;

/** A failure's name, and why: the lines up to where it was thrown, indented below the first. */
export function failure(name: string, why: string): string {
  const lines = stripVTControlCharacters(why).trim().split('\n');
  const thrown = lines.findIndex((line) => /^\s+at /.test(line));
  const said = thrown === -1 ? lines : lines.slice(0, thrown);
  const shown = said.slice(0, WHY_LINES);
  if (said.length > shown.length) shown.push(`… and ${said.length - shown.length} more lines`);
  return shown.join('') === '' ? name : `${name}: ${shown.join('\n    ')}`;
}
