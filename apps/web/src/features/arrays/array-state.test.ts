import type { RunArray, RunArrayStatus } from '@berth/shared/model/run-array';
import { expect, it } from 'vitest';
import { partsOf, reasonAgainst } from './array-state.ts';

const NONE = { queued: 0, running: 0, succeeded: 0, failed: 0, cancelled: 0, lost: 0, deleted: 0 };

function anArray(status: Partial<RunArrayStatus>): RunArray {
  return {
    kind: 'RunArray',
    metadata: {
      id: 'arr_1',
      name: 'many',
      workspace: 'default',
      labels: {},
      generation: 1,
      resourceVersion: '1',
      createdAt: '2026-11-26T12:00:00.000Z',
    },
    spec: { count: 3, template: { spec: { image: 'busybox' } } },
    status: { state: 'running', message: '', total: 3, counts: NONE, failures: [], ...status },
  };
}

it('shows the parts that there are: what has ended, what goes on, what waits', () => {
  const { status } = anArray({ counts: { ...NONE, queued: 1, running: 1, failed: 1 } });
  expect(partsOf(status).map(({ name }) => name)).toEqual(['failed', 'running', 'queued']);
});

it('is cancelled while something goes on, and deleted when nothing does', () => {
  expect(reasonAgainst('cancel', anArray({}))).toBeNull();
  expect(reasonAgainst('delete', anArray({}))).toContain('cancel it first');
  expect(reasonAgainst('cancel', anArray({ state: 'cancelling' }))).toContain('already');
  expect(reasonAgainst('delete', anArray({ state: 'cancelling' }))).not.toBeNull();
  expect(reasonAgainst('cancel', anArray({ state: 'failed' }))).toBe('All of its runs have ended.');
  expect(reasonAgainst('delete', anArray({ state: 'failed' }))).toBeNull();
});
