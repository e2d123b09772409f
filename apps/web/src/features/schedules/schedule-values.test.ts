import type { ScheduleSpec } from '@berth/shared/model/schedule';
import { describe, expect, it } from 'vitest';
import { contractErrors } from './schedule-errors.ts';
import { emptyValues, fromSchedule, scheduleFieldOf, toSchedule } from './schedule-values.ts';

const spec: ScheduleSpec = {
  cron: '*/5 * * * *',
  timeZone: 'Europe/Berlin',
  overlap: 'replace',
  keep: 3,
  paused: true,
  template: {
    labels: { team: 'web' },
    spec: {
      image: 'busybox',
      args: ['echo', 'a b'],
      env: { A: 'x=y' },
      secrets: [{ secret: 'db', env: 'DB' }],
      ports: [{ containerPort: 80, protocol: 'tcp' }],
      volumes: [{ volume: 'data', target: '/data' }],
      resources: { memory: '64Mi' },
      timeoutSeconds: 60,
      concurrency: { key: 'nightly', limit: 1 },
    },
  },
};

describe('a change', () => {
  it('leaves as it was written what it does not touch', () => {
    expect(toSchedule(fromSchedule('nightly', spec), spec)).toEqual({ request: { metadata: { name: 'nightly' }, spec }, errors: [] });
    const brief: ScheduleSpec = { cron: '@daily', template: { spec: { image: 'busybox', tty: false, restart: { policy: 'never' } } } };
    expect(toSchedule(fromSchedule('nightly', brief), brief).request.spec).toEqual(brief);
    const { request } = toSchedule({ ...fromSchedule('nightly', brief), memory: '1Gi' }, brief);
    expect(request.spec).toEqual({ ...brief, template: { spec: { ...brief.template.spec, resources: { memory: '1Gi' } } } });
  });

  it('takes away what was emptied', () => {
    const values = { ...fromSchedule('nightly', spec), args: '', env: [], secrets: [], ports: [], volumes: [], labels: [], keep: '' };
    const { request } = toSchedule({ ...values, concurrencyKey: '', concurrencyLimit: '' }, spec);
    expect(request.spec).not.toHaveProperty('keep');
    expect(request.spec.template).toEqual({ spec: { image: 'busybox', resources: { memory: '64Mi' }, timeoutSeconds: 60 } });
  });
});

it('a new one asks for nothing where its fields are empty', () => {
  const { request, errors } = toSchedule({ ...emptyValues(''), name: ' tick ', image: 'busybox' });
  expect(errors).toEqual([]);
  expect(request).toEqual({
    metadata: { name: 'tick' },
    spec: { cron: '0 * * * *', overlap: 'forbid', template: { spec: { image: 'busybox' } } },
  });
});

it('what cannot be written as a request, or is refused by the contract, is said at its field', async () => {
  const values = { ...emptyValues('UTC'), name: 'Tick', args: '"open', keep: 'many', memory: 'much' };
  const { request, errors } = toSchedule(values);
  expect(errors).toEqual([{ field: 'args', message: expect.any(String) }]);
  const { placed, rest } = await contractErrors(request, values);
  expect(placed.map(({ field }) => field).sort()).toEqual(['image', 'keep', 'memory', 'name']);
  expect(placed.find(({ field }) => field === 'keep')?.message).toBe('must be a number');
  expect(rest).toEqual([]);
});

it.each([
  ['spec.cron', 'cron'],
  ['spec.timeZone', 'timeZone'],
  ['spec.template.spec.image', 'image'],
  ['spec.template.spec.env.A', 'env.0.value'],
  ['spec.template.spec.secrets.0.secret', 'secrets.0.secret'],
  ['spec.template.labels.team', 'labels.0.value'],
  ['metadata.name', 'name'],
  ['metadata.labels.x', null],
  ['spec.paused', null],
])('%s is said at %s', (path, field) => expect(scheduleFieldOf(path, fromSchedule('nightly', spec))).toBe(field));
