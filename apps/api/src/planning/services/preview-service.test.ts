import { expect, test } from 'vitest';
import { beginning } from './judge-rollout.ts';
import type { ReplicaState } from './model.ts';
import { previewService } from './preview-service.ts';
import { emptyService, fresh } from './simulate.ts';
import { wishesOf } from './wishes.ts';

const template = (tag: string) => ({
  spec: { image: `web:${tag}`, ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' as const }] },
});
const running = (count: number): ReplicaState[] =>
  Array.from({ length: count }, (_, index) => ({ ...fresh(`run_${index}`, index + 1, 1, 0), phase: 'running', readyAt: 0 }));

test('a new service: what is started', () => {
  const spec = { replicas: 2, template: template('1') };
  const plan = previewService({ input: { ...emptyService(wishesOf(spec, null), 1000), pinned: true }, before: null, after: spec.template });
  expect(plan).toMatchObject({ summary: '2 started, 0 stopped, port 8080 opened', starts: 2, stops: 0, keeps: 0, changes: [] });
});

test('another template: all are replaced, one after the other, and it says which field changes', () => {
  const spec = { replicas: 2, template: template('2'), update: { order: 'stop-first' as const } };
  const input = {
    ...emptyService(wishesOf(spec, null), 1000),
    ...{ pinned: true, revision: 2, lastGood: 1, rollout: null, replicas: running(2) },
  };
  expect(previewService({ input, before: template('1'), after: spec.template })).toEqual({
    summary: '2 started, 2 stopped, port 8080 kept',
    starts: 2,
    stops: 2,
    keeps: 0,
    steps: [
      { action: 'stop', count: 1, revision: 1, message: 'stop 1 of revision 1' },
      { action: 'start', count: 1, revision: 2, message: 'start 1 of revision 2' },
      { action: 'stop', count: 1, revision: 1, message: 'stop 1 of revision 1' },
      { action: 'start', count: 1, revision: 2, message: 'start 1 of revision 2' },
    ],
    changes: [{ path: 'spec.image', from: 'web:1', to: 'web:2' }],
  });
});

test('fewer of them: the rest is kept', () => {
  const spec = { replicas: 1, template: template('1') };
  const input = {
    ...emptyService(wishesOf(spec, null), 1000),
    ...{ pinned: true, rollout: { ...beginning(0), state: 'done' as const }, replicas: running(3) },
  };
  expect(previewService({ input, before: template('1'), after: template('1') })).toMatchObject({
    summary: '0 started, 2 stopped, 1 kept, port 8080 kept',
    keeps: 1,
  });
});

test('of a thousand it tells the first steps and counts the rest', () => {
  const spec = { replicas: 1000, template: template('2') };
  const replicas = running(1000).map((replica, index) => ({ ...replica, runId: `run_${String(index).padStart(4, '0')}` }));
  const input = { ...emptyService(wishesOf(spec, null), 1000), ...{ pinned: true, revision: 2, lastGood: 1, rollout: null, replicas } };
  const plan = previewService({ input, before: template('1'), after: spec.template });
  expect(plan).toMatchObject({ summary: '1000 started, 1000 stopped, port 8080 kept', starts: 1000, stops: 1000, keeps: 0 });
  expect(plan.steps.at(-1)?.message).toBe('and so on, until all 1000 are new');
});
