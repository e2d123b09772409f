import { type CreateRunArray, createRunArraySchema, type RunArray } from '@berth/shared/model/run-array';
import { expect, it } from 'vitest';
import { arrayFieldOf, fromArray, isArray, NO_ARRAY, toArray } from './array-values.ts';
import { EMPTY } from './form-values.ts';

const stored: RunArray['metadata'] = {
  id: 'arr_1',
  name: '',
  workspace: 'default',
  labels: {},
  generation: 1,
  resourceVersion: '1',
  createdAt: '2026-11-01T00:00:00.000Z',
};
const values = { ...EMPTY, ...NO_ARRAY, name: 'cities', image: 'busybox' };

it('several are asked for where one of their fields is filled', () => {
  expect(isArray(values)).toBe(false);
  expect(isArray({ ...values, count: '3' })).toBe(true);
  expect(isArray({ ...values, parameters: 'A=1' })).toBe(true);
});

it('is a run array, with a line of parameters for each run', () => {
  const { request, errors } = toArray({
    ...values,
    labels: [{ name: 'team', value: 'maps' }],
    parallelism: '2',
    parameters: `CITY=Ulm SIZE=3\n\n  CITY='Bad Honnef' SIZE=`,
  });
  expect(errors).toEqual([]);
  expect(createRunArraySchema.parse(request)).toEqual({
    metadata: { name: 'cities' },
    spec: {
      parallelism: 2,
      parameters: [
        { CITY: 'Ulm', SIZE: '3' },
        { CITY: 'Bad Honnef', SIZE: '' },
      ],
      template: { labels: { team: 'maps' }, spec: { image: 'busybox' } },
    },
  });
});

it.each([
  ['CITY=Ulm\nBonn', 'line 2: “Bonn” is not NAME=value'],
  ['2ND=x', 'line 1: “2ND=x” is not NAME=value'],
  ["CITY='Ulm", 'line 1: A single quote is opened'],
])('what is no parameter is said with its line: %s', (parameters, message) => {
  expect(toArray({ ...values, parameters }).errors).toEqual([{ field: 'parameters', message: expect.stringContaining(message) }]);
});

it('counts a line that cannot be read among its runs: nothing else is wrong then', () => {
  const { request } = toArray({ ...values, parameters: 'CITY=Ulm\nBonn' });
  expect(request.spec.parameters).toEqual([{ CITY: 'Ulm' }, {}]);
});

it.each<[string, CreateRunArray['spec']]>([
  ['by their number', { count: 3, template: { labels: { team: 'maps' }, spec: { image: 'busybox', args: ['echo', 'a b'] } } }],
  [
    'by their parameters',
    {
      parallelism: 2,
      parameters: [{ CITY: "L'Aquila", SIZE: '' }, {}, { CITY: 'A=B "C" $D \\' }],
      template: { spec: { image: 'busybox', env: { A: '$HOME' } } },
    },
  ],
])('another one like it is the same: %s', (_, spec) => {
  const metadata = { name: 'cities', labels: { kept: 'yes' } };
  expect(toArray(fromArray({ metadata: { ...stored, ...metadata }, spec }))).toEqual({ request: { metadata, spec }, errors: [] });
});

it('needs a name', () => {
  expect(toArray({ ...values, name: '', count: '2' }).errors.map(({ field }) => field)).toEqual(['name']);
});

it.each([
  ['spec.count', 'count'],
  ['spec.parameters.3.CITY', 'parameters'],
  ['spec.parallelism', 'parallelism'],
  ['spec.template.spec.image', 'image'],
  ['spec.template.spec.args.0', 'args'],
  ['spec.template.spec.concurrency', 'concurrencyKey'],
  ['metadata.name', 'name'],
  ['spec.other', null],
])('%s is said at %s', (path, field) => expect(arrayFieldOf(path, values)).toBe(field));
