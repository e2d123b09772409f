import { expect, it } from 'vitest';
import { type Candidate, planStages } from './plan-stages.ts';

const candidate = (name: string, change: Partial<Candidate> = {}): Candidate => ({
  id: `host_${name}`,
  name,
  labels: {},
  ready: true,
  message: 'ready',
  sha256: 'old',
  version: '0.1.0',
  fixed: null,
  busyWith: null,
  ...change,
});
const stagesOf = (hosts: Candidate[], spec: object) =>
  planStages(hosts, { stopAfterFailures: 1, ...spec }, 'new').map(({ hostName, stage }) => [hostName, stage]);

it('sorts hosts as people count, and cuts them into stages by number or by share', () => {
  const hosts = ['web-10', 'web-2', 'web-1'].map((name) => candidate(name));
  expect(stagesOf(hosts, { batchSize: 2 })).toEqual([
    ['web-1', 1],
    ['web-2', 1],
    ['web-10', 2],
  ]);
  expect(stagesOf(hosts, {})).toEqual([
    ['web-1', 1],
    ['web-2', 2],
    ['web-10', 3],
  ]);
});

it('takes those with the labels, or that are named, and not those that have it already', () => {
  const hosts = [
    candidate('a', { labels: { zone: 'eu', gpu: '' } }),
    candidate('b', { labels: { zone: 'us' } }),
    candidate('c', { labels: { zone: 'eu' }, sha256: 'new' }),
  ];
  expect(stagesOf(hosts, { labels: { zone: 'eu' } })).toEqual([['a', 1]]);
  expect(stagesOf(hosts, { labels: { zone: '' }, batchPercent: 100 })).toEqual([
    ['a', 1],
    ['b', 1],
  ]);
  expect(stagesOf(hosts, { hosts: ['host_b'] })).toEqual([['b', 1]]);
});

it('names the hosts that it leaves out, with the reason, in no stage', () => {
  const hosts = [
    candidate('away', { ready: false, message: 'the agent is not connected' }),
    candidate('fixed', { fixed: 'its policy file does not allow it' }),
    candidate('busy', { busyWith: 'upd_1' }),
  ];
  expect(planStages(hosts, { stopAfterFailures: 1 }, 'new')).toMatchObject([
    { hostName: 'away', stage: 0, state: 'skipped', message: 'it is not ready: the agent is not connected; update it once it is back' },
    { hostName: 'fixed', stage: 0, state: 'skipped', message: 'its policy file does not allow it' },
    { hostName: 'busy', stage: 0, state: 'skipped', message: 'it is in the update upd_1, which is not over' },
  ]);
});
