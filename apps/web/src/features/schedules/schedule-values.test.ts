import type { ScheduleSpec } from '@berth/shared/model/schedule';
import { expect, it } from 'vitest';
import { emptyValues, errorsByField, fromSpec, toRequest } from './schedule-values.ts';

const spec: ScheduleSpec = {
  cron: '*/5 * * * *',
  timeZone: 'Europe/Berlin',
  overlap: 'replace',
  keep: 3,
  paused: true,
  template: {
    labels: { team: 'web' },
    spec: { image: 'busybox', args: ['echo', 'a b'], env: { A: 'x=y' }, resources: { memory: '64Mi' } },
  },
};

it('a schedule is the same after it was in the form, with what the form does not show', () => {
  expect(toRequest(fromSpec('nightly', spec), spec)).toEqual({ request: { metadata: { name: 'nightly' }, spec }, errors: {} });
});

it('what is taken out of a field is gone from the request', () => {
  const { request } = toRequest({ ...fromSpec('nightly', spec), args: '', env: ' ', keep: '' }, spec);
  expect(request.spec).not.toHaveProperty('keep');
  expect(request.spec.template.spec).toEqual({ image: 'busybox', resources: { memory: '64Mi' } });
});

it('what cannot be written as a request is said at its field', () => {
  const { errors } = toRequest({ ...emptyValues('UTC'), args: '"open', keep: 'many' });
  expect(errors).toEqual({ args: expect.any(String), keep: 'must be a whole number' });
});

it('errors of the server are put at their fields', () => {
  const errors = [
    { path: 'spec.cron', message: 'has five fields' },
    { path: 'spec.template.spec.image', message: 'is no image' },
    { path: 'spec.template.spec.env.A=', message: 'is no name' },
    { path: 'metadata.name', message: 'is taken' },
    { path: 'spec.template.labels.x', message: 'is no label' },
  ];
  expect(errorsByField(errors)).toEqual({
    cron: 'has five fields',
    image: 'is no image',
    env: 'A=: is no name',
    name: 'is taken',
    rest: 'spec.template.labels.x: is no label.',
  });
});
