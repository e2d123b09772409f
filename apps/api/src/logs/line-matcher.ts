/** What a line is searched for. Expressions are RE2's: their time is linear in the line, whatever they are. Pure (law L2). */
import { BerthError } from '@berth/shared/errors/problem';
import { RE2JS } from 're2js';

export interface Wanted {
  text: string;
  regex: boolean;
  ignoreCase: boolean;
  /** The name of the query's field, for the error. */
  field: string;
}

export type LineMatcher = (line: Buffer) => boolean;

/** Repetitions are written out when an expression is compiled: more than this together is refused. */
const MOST_REPETITIONS = 1000;

/** Throws BerthError `invalid-request` for an expression that cannot be compiled. Bytes that are not UTF-8 match as U+FFFD. */
export function compileMatcher({ text, regex, ignoreCase, field }: Wanted): LineMatcher {
  if (regex) {
    const expression = compile(text, ignoreCase, field);
    return (line) => expression.test(line.toString('utf8'));
  }
  if (!ignoreCase) {
    const bytes = Buffer.from(text, 'utf8');
    return (line) => line.includes(bytes);
  }
  const lower = text.toLowerCase();
  return (line) => line.toString('utf8').toLowerCase().includes(lower);
}

function compile(text: string, ignoreCase: boolean, field: string): RE2JS {
  const repetitions = [...text.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].reduce(
    (product, [, low, high]) => product * Math.max(1, Number(high || low)),
    1,
  );
  if (repetitions > MOST_REPETITIONS)
    throw refused(field, `repeats too much: ${MOST_REPETITIONS} times is the most, all of its {} together`);
  try {
    return RE2JS.compile(text, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    throw refused(field, `is not an expression that can be searched for (RE2): ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refused(field: string, message: string): BerthError {
  return new BerthError('invalid-request', `${field} ${message}`, { errors: [{ path: field, message }] });
}
