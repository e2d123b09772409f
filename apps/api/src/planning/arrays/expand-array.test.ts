import type { RunArraySpec } from '@berth/shared/model/run-array';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countOf, specAt, wrongReferences } from './expand-array.ts';

const array = (change: Partial<RunArraySpec>, spec: Partial<RunArraySpec['template']['spec']> = {}): RunArraySpec => ({
  template: { spec: { image: 'busybox', ...spec } },
  ...change,
});

it('a run has its index, the count, its parameters, and the turn of its array', () => {
  const of = array({ parameters: [{ CITY: 'Ulm' }, { CITY: 'Bonn' }], parallelism: 3 }, { env: { MODE: 'fast', CITY: 'none' } });
  expect(specAt('arr_1', of, 1)).toEqual({
    image: 'busybox',
    env: { MODE: 'fast', CITY: 'Bonn', BERTH_ARRAY_ID: 'arr_1', BERTH_ARRAY_INDEX: '1', BERTH_ARRAY_COUNT: '2' },
    concurrency: { key: 'array:arr_1', limit: 3 },
  });
  expect(countOf({ count: 7 })).toBe(7);
});

it('references in words and variables stand for the parameters of the run', () => {
  const of = array(
    { parameters: [{ A: `$& $\{{ parameters.B }}`, B: 'b' }] },
    {
      command: ['run', `$\{{ parameters.B }}`],
      args: [`--a=$\{{parameters.A}}, $\{{ parameters.B }}`],
      env: { E: `$\{{ parameters.B }}!` },
    },
  );
  expect(wrongReferences(of)).toEqual([]);
  expect(specAt('arr_1', of, 0)).toMatchObject({
    command: ['run', 'b'],
    // What a parameter holds is text: it is not read again.
    args: [`--a=$& $\{{ parameters.B }}, b`],
    env: { E: 'b!' },
  });
});

it('a reference to what is no parameter is named with its field', () => {
  const of = array(
    { parameters: [{ A: '1', B: '2' }, { A: '1' }] },
    { args: [`$\{{ parameters.A }}`, `$\{{ parameters.B }}`], env: { X: `$\{{ A }}` } },
  );
  expect(wrongReferences(of)).toEqual([
    { path: 'spec.template.spec.args.1', message: `"$\{{ parameters.B }}" names no parameter of spec.parameters.1, which has A` },
    { path: 'spec.template.spec.env.X', message: `"$\{{ A }}" is no reference; write it as "$\{{ parameters.NAME }}"` },
  ]);
  expect(wrongReferences(array({ count: 2 }, { args: [`$\{{ parameters.A }}`] }))).toMatchObject([
    { message: expect.stringContaining('spec.parameters is absent') },
  ]);
});

it('whatever the parameters are, each run has its own and nothing else of the template changes', () => {
  const name = fc.stringMatching(/^[A-Z]{1,4}$/);
  fc.assert(
    fc.property(fc.array(fc.dictionary(name, fc.string({ maxLength: 20 })), { minLength: 1, maxLength: 20 }), (parameters) => {
      const of = array({ parameters }, { args: ['plain'], workingDir: '/x' });
      parameters.forEach((own, index) => {
        const { env, ...rest } = specAt('arr_1', of, index);
        expect(rest).toEqual({ image: 'busybox', args: ['plain'], workingDir: '/x' });
        expect(env).toMatchObject({ ...own, BERTH_ARRAY_INDEX: String(index) });
      });
    }),
  );
});
