import { describe, expect, it } from 'vitest';
import { lookOfChange, lookOfCondition, lookOfReplica, lookOfService } from './service-look.ts';

describe('lookOfService', () => {
  it.each([
    ['done', 3, 3, 'Available'],
    ['done', 3, 2, 'Degraded'],
    ['done', 3, 0, 'Unavailable'],
    ['done', 0, 0, 'Scaled to 0'],
    ['rolling', 3, 0, 'Rolling out'],
    ['canary', 3, 3, 'Canary'],
    ['canary', 3, 0, 'Unavailable'],
    ['paused', 3, 3, 'Paused'],
    ['paused', 0, 0, 'Paused'],
    ['failed', 3, 0, 'Failed'],
    ['rolled-back', 3, 3, 'Rolled back'],
    ['rolled-back', 3, 0, 'Unavailable'],
  ] as const)('%s, %i wanted, %i available: %s', (rollout, desired, available, word) => {
    expect(lookOfService({ rollout, desired, available }).word).toBe(word);
  });
});

it('a replica whose stop was asked for stops, though its phase says that it runs', () => {
  expect(lookOfReplica({ phase: 'running', health: 'healthy', ending: true }).word).toBe('Stopping');
  expect(lookOfReplica({ phase: 'running', health: 'unhealthy', ending: false }).word).toBe('Unhealthy');
  expect(lookOfReplica({ phase: 'pulling', health: null, ending: false }).word).toBe('Pulling');
});

it('only what an event says of a roll-out has a look', () => {
  expect(lookOfChange('rolled-back')?.word).toBe('Rolled back');
  expect(lookOfChange('scaled')).toBeNull();
  expect(lookOfChange('toString')).toBeNull();
});

it('a condition is good where it says what one hopes for', () => {
  expect(lookOfCondition({ type: 'Available', status: 'False' }).tone).toBe('red');
  expect(lookOfCondition({ type: 'Paused', status: 'False' }).tone).toBe('done');
  expect(lookOfCondition({ type: 'Paused', status: 'True' }).tone).toBe('amber');
  expect(lookOfCondition({ type: 'Progressing', status: 'Unknown' }).tone).toBe('amber');
});
