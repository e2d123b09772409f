/** What is wrong with what was written in a form, at its fields. Pure. */
import type { Problem } from '@berth/shared/errors/problem';
import type { FieldError, FormValues } from './form-values.ts';
import { portAt } from './taken-port.ts';

export interface Wrong {
  placed: FieldError[];
  /** What has no field. */
  rest: string[];
}

/** As a contract's validator has it. */
interface Issue {
  path: readonly PropertyKey[];
  message: string;
  code: string;
  expected?: string;
}

/** The field behind a path of the contract; null where no field stands for it. */
export type FieldOf<Values> = (path: string, values: Values) => string | null;

export function wrongBy<Values>(issues: readonly Issue[], values: Values, fieldOf: FieldOf<Values>): Wrong {
  const told = issues.map(({ path, code, expected, message }) => ({
    path: path.join('.'),
    message: code === 'invalid_type' ? `must be a ${expected === 'int' ? 'whole number' : expected}` : message,
  }));
  return place(told, values, fieldOf);
}

/** What the server refused. */
export function refusal<Values extends FormValues>(
  { errors = [], code, detail }: Partial<Problem> & { detail: string },
  values: Values,
  fieldOf: FieldOf<Values>,
): Wrong {
  if (code === 'host-port-taken') {
    const named = errors.map(({ path }) => ({ field: fieldOf(path, values) ?? '' }));
    return { placed: [{ field: `ports.${portAt(named, detail, values)}.hostPort`, message: detail }], rest: [] };
  }
  const wrong = place(errors, values, fieldOf);
  return isNothing(wrong) ? { placed: [], rest: [detail] } : wrong;
}

/** `errors` are of the form itself: what the contract says of the same fields only follows from them. */
export const together = (errors: readonly FieldError[], { placed, rest }: Wrong): Wrong => ({
  placed: [...errors, ...placed.filter(({ field }) => !errors.some((own) => own.field === field))],
  rest,
});

export const isNothing = ({ placed, rest }: Wrong): boolean => placed.length + rest.length === 0;

function place<Values>(errors: readonly { path: string; message: string }[], values: Values, fieldOf: FieldOf<Values>): Wrong {
  const wrong: Wrong = { placed: [], rest: [] };
  for (const { path, message } of errors) {
    const field = fieldOf(path, values);
    if (field === null) wrong.rest.push(`${path}: ${message}.`);
    else wrong.placed.push({ field, message });
  }
  return wrong;
}
