import { expect, test } from 'vitest';
import { z } from 'zod';
import { issuesToErrors } from './validation-errors.ts';

const schema = z.strictObject({
  name: z.string().optional(),
  items: z.array(z.strictObject({ hostPort: z.int().optional() })).optional(),
  env: z.record(z.string(), z.string()).default({}),
  size: z.union([z.string(), z.number()]).optional(),
});
const errorsOf = (value: unknown) => issuesToErrors(schema.safeParse(value).error?.issues ?? [], schema);

test('an unknown field is named where it stands, with the one that was probably meant', () => {
  expect(errorsOf({ nmae: 'x', items: [{}, { hostport: 1 }] })).toEqual([
    { path: 'items.1.hostport', message: '"hostport" is not a field here; did you mean "hostPort"?' },
    { path: 'nmae', message: '"nmae" is not a field here; did you mean "name"?' },
  ]);
});

test('an unknown field that is like none is answered with those that there are', () => {
  expect(errorsOf({ restartPolicy: 'x' })[0]?.message).toBe('"restartPolicy" is not a field here; the fields are name, items, env, size');
});

test('a wrong type says what is wanted and what was sent', () => {
  expect(errorsOf({ env: { A: 1 } })).toEqual([{ path: 'env.A', message: 'must be of type string, is number' }]);
});

test('a union says what its closest branch says', () => {
  expect(errorsOf({ size: true })).toEqual([{ path: 'size', message: 'must be of type string, is boolean' }]);
});
