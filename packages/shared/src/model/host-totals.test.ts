import { expect, test } from 'vitest';
import type { HostCell } from './host-map.ts';
import { fitsHostFilter, totalsOf } from './host-totals.ts';

const cell = (change: Partial<HostCell> = {}): HostCell => ({
  id: 'host_1',
  name: 'web-1',
  labels: { zone: 'eu-1', gpu: '' },
  state: 'ready',
  message: null,
  marks: [],
  cpu: { total: 4000, reserved: 500, used: null },
  memory: { total: 1024, reserved: 128, used: null },
  runs: 1,
  agentVersion: '0.1.0',
  skew: 'none',
  ...change,
});

test('totals count every host, and what is used only where it is known', () => {
  const lost = cell({ state: 'lost', cpu: { total: 2000, reserved: 100, used: 40 } });
  expect(totalsOf([cell(), lost])).toEqual({
    hosts: 2,
    ready: 1,
    cpu: { total: 6000, reserved: 600, used: 40 },
    memory: { total: 2048, reserved: 256, used: null },
    runs: 2,
  });
  expect(totalsOf([])).toMatchObject({ hosts: 0, cpu: { total: 0, used: null } });
});

test.each<[string, Parameters<typeof fitsHostFilter>[1], boolean]>([
  ['nothing asked', {}, true],
  ['a part of the name in another case', { name: 'WEB' }, true],
  ['another name', { name: 'db' }, false],
  ['its state', { state: 'ready' }, true],
  ['a mark that it has', { state: 'cordoned' }, true],
  ['a mark that it does not have', { state: 'draining' }, false],
  ['a label by its key, and one by its value', { label: ['gpu', 'zone=eu-1'] }, true],
  ['one of two labels', { label: ['zone=eu-1', 'disk'] }, false],
  ['a key that every object has', { label: ['constructor'] }, false],
])('a filter of %s', (_, filter, fits) => {
  expect(fitsHostFilter(cell({ marks: ['cordoned'] }), filter)).toBe(fits);
});
