import { describe, expect, it } from 'vitest';
import { aService } from './a-service.test-data.ts';
import {
  autoscaleInWords,
  changeInWords,
  fullImage,
  imageName,
  sentence,
  shortDigest,
  situationOf,
  updateInWords,
} from './service-words.ts';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const spec = { template: { spec: { image: 'nginx' } } };

describe('images', () => {
  it('are told as Docker tells them', () => {
    expect(imageName(`docker.io/library/nginx:1@${DIGEST}`)).toBe('nginx:1');
    expect(imageName('nginx')).toBe('nginx:latest');
    expect(imageName('no image')).toBe('no image');
    expect(fullImage('nginx:1', DIGEST)).toBe(`docker.io/library/nginx:1@${DIGEST}`);
  });
  it('have a short digest where there is one', () => {
    expect(shortDigest(DIGEST)).toBe('0123456789ab');
    expect(shortDigest(null)).toBeNull();
  });
});

describe('situationOf', () => {
  const { status } = aService(
    {},
    {
      desired: 3,
      available: 3,
      conditions: [
        { type: 'Available', status: 'True', reason: 'EnoughAvailable', message: '', lastTransitionTime: '2026-11-26T12:00:00.000Z' },
        { type: 'Progressing', status: 'True', reason: 'RollingOut', message: '', lastTransitionTime: '2026-11-26T13:00:00.000Z' },
      ],
    },
  );
  it('is calm where all is as it should be', () => {
    expect(situationOf(status)).toEqual({ tone: 'calm', since: null, next: null });
  });
  it('names since when, and what happens next', () => {
    expect(situationOf({ ...status, available: 2 })).toMatchObject({ tone: 'amber', since: '2026-11-26T12:00:00.000Z' });
    expect(situationOf({ ...status, available: 0 }).tone).toBe('red');
    expect(situationOf({ ...status, rollout: 'rolling' })).toMatchObject({ tone: 'blue', since: '2026-11-26T13:00:00.000Z' });
    expect(situationOf({ ...status, rollout: 'rolled-back' }).next).toContain('retry');
  });
});

it('a roll-out is told with what is absent filled in', () => {
  expect(updateInWords(spec)).toBe('starts the new ones first, at most 1 more and 0 fewer than asked for, rolls back if it fails');
  expect(
    updateInWords({ ...spec, update: { order: 'stop-first', canary: 1, minReadySeconds: 5, drainSeconds: 2, onFailure: 'pause' } }),
  ).toBe(
    'stops the old ones first, at most 0 more and 1 fewer than asked for, 1 first, then it waits for a word, each ready for 5 s, each without new requests for 2 s before its stop, stays where it is if it fails',
  );
  expect(autoscaleInWords({ min: 2, max: 8, cpuPercent: 70, memoryPercent: 80 })).toBe(
    '2 to 8, aiming at 70 % of the CPU and 80 % of the memory',
  );
});

it('what its name says is secret is not shown in a change', () => {
  expect(changeInWords({ path: 'spec.env.DB_PASSWORD', from: '', to: 'x' })).toEqual({ path: 'env.DB_PASSWORD', from: '', to: '••••••••' });
  expect(changeInWords({ path: 'template.spec.image', from: 'a', to: 'b' })).toEqual({ path: 'image', from: 'a', to: 'b' });
});

it('a message becomes a sentence', () => {
  expect(sentence('rolling out: 1 of 2')).toBe('Rolling out: 1 of 2.');
  expect(sentence('Change it, or roll back')).toBe('Change it, or roll back.');
});
