/** zod's issues as `errors: [{ path, message }]`: an unknown field by its name, with the field that was probably meant. */
import type { Problem } from '@berth/shared/errors/problem';
import { z } from 'zod';

type Errors = NonNullable<Problem['errors']>;

/** `root` is the name of the whole value where it is a single parameter, "" otherwise. */
export function issuesToErrors(issues: readonly z.core.$ZodIssue[], schema: z.core.$ZodType, root = ''): Errors {
  return issues.flatMap((issue): Errors => {
    const path = [...(root === '' ? [] : [root]), ...issue.path.map(String)];
    if (issue.code === 'unrecognized_keys') {
      const known = fieldsAt(schema, issue.path);
      return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: unknownField(key, known) }));
    }
    // A union's own words ("Invalid input") say nothing; the closest branch's do.
    const inner = issue.code === 'invalid_union' ? issue.errors.toSorted((a, b) => a.length - b.length)[0] : undefined;
    if (inner && inner.length > 0) return issuesToErrors(inner, schema).map((error) => ({ ...error, path: join(path, error.path) }));
    const message = issue.message.replace(/^Invalid input: expected (.+), received (.+)$/, wrongType);
    return [{ path: path.join('.'), message }];
  });
}

const wrongType = (_: string, expected: string, received: string) =>
  received === 'undefined' ? 'is required' : `must be of type ${expected}, is ${received}`;

const join = (path: readonly string[], rest: string) => [...path, ...(rest === '' ? [] : [rest])].join('.');

function unknownField(key: string, known: readonly string[]): string {
  const near = known
    .map((name) => ({ name, distance: distance(key.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance)[0];
  if (near && near.distance <= (key.length < 4 ? 1 : Math.max(2, Math.floor(key.length / 3))))
    return `"${key}" is not a field here; did you mean "${near.name}"?`;
  return `"${key}" is not a field here; the fields are ${known.join(', ')}`;
}

/** The names of the fields that the contract has at this place. */
function fieldsAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const here = unwrap(schema);
  const [step, ...rest] = path;
  if (here instanceof z.ZodObject) {
    if (step === undefined) return Object.keys(here.shape);
    const next = here.shape[String(step)];
    return next ? fieldsAt(next, rest) : [];
  }
  if (step !== undefined && here instanceof z.ZodArray) return fieldsAt(here.element, rest);
  if (step !== undefined && here instanceof z.ZodRecord) return fieldsAt(here.valueType, rest);
  return [];
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) return unwrap(schema.unwrap());
  if (schema instanceof z.ZodPipe) return unwrap(schema.in);
  return schema;
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
