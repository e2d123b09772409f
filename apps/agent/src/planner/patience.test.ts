import type { Failure } from '@berth/shared/errors/outcome';
import { expect, it } from 'vitest';
import { patienceWith } from './patience.ts';

const full: Failure = { kind: 'cannot-now', reason: 'disk-full', message: 'the disk of the host is full' };
const NOW = Date.parse('2026-11-23T06:31:12.000Z');

it('a full disk is waited for ten minutes from when it was first found so, and no longer', () => {
  expect(patienceWith(full, NOW, NOW)).toEqual({ until: NOW + 600_000 });
  expect(patienceWith(full, NOW - 599_000, NOW)).toEqual({ until: NOW + 1000 });
  expect(patienceWith(full, NOW - 600_000, NOW)).toMatchObject({
    gaveUp: { kind: 'cannot-ever', reason: 'disk-full', message: 'the disk of the host is full; it was tried again for 10 min' },
  });
});

it('an engine that does not answer has no limit of its own, and what cannot be ever is not tried again', () => {
  expect(patienceWith({ kind: 'cannot-now', reason: 'waiting-for-engine', message: 'away' }, NOW - 9e6, NOW)).toBeNull();
  expect(patienceWith({ kind: 'cannot-ever', reason: 'invalid-spec', message: 'bad' }, NOW - 9e6, NOW)).toBeNull();
});
