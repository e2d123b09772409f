import { describe, expect, test } from 'vitest';
import { imageState } from './image-state.ts';
import { newerVersion } from './newer-version.ts';
import { pauseOf } from './rate-limit.ts';

test.each([
  ['1.2.3', ['1.2.4', '1.10.0', '1.9.9', 'latest', '2'], '1.10.0'],
  ['1.2.3', ['1.2.3', '1.2.2', '0.9.9'], null],
  ['1.29', ['1.30', '1.30.1', '1.31-alpine'], '1.30'],
  ['1.29-alpine', ['1.30', '1.30-alpine', '1.31-bookworm'], '1.30-alpine'],
  ['v1.0.0', ['2.0.0', 'v1.1.0'], 'v1.1.0'],
  ['16', ['17', '17.1', '20260101'], '17'],
  ['1.0.0', ['2.0.0-rc.1'], null],
  ['latest', ['1.0.0'], null],
])('among the tags of an image, %s and %j: %s is the newer one', (tag, tags, newer) => {
  expect(newerVersion(tag, tags)).toBe(newer);
  expect(newerVersion(tag, [...tags].reverse())).toBe(newer);
});

test.each([
  [{ status: 200, retryAfter: null, remaining: null }, null],
  [{ status: 200, retryAfter: null, remaining: '76;w=21600' }, null],
  [{ status: 200, retryAfter: null, remaining: '9;w=21600' }, 3600],
  [{ status: 429, retryAfter: null, remaining: '0;w=21600' }, 3600],
  [{ status: 429, retryAfter: '120', remaining: null }, 120],
  [{ status: 429, retryAfter: 'Thu, 01 Jan 1970 00:01:00 GMT', remaining: null }, 60],
  [{ status: 429, retryAfter: '99999999', remaining: null }, 86_400],
  [{ status: 503, retryAfter: '7', remaining: null }, 7],
  [{ status: 404, retryAfter: null, remaining: null }, null],
])('%j asks for a pause of %s seconds', (headers, seconds) => {
  expect(pauseOf(headers, 0)).toBe(seconds);
});

describe('a run', () => {
  const image = { registry: 'docker.io', repository: 'library/nginx', tag: '1.29' };
  const check = { digest: 'sha256:a', newerTag: null, error: null, checkedAt: new Date(0) };
  const run = { image, digest: 'sha256:a', check, onHost: ['nginx:1.29'], checked: true };
  test.each([
    ['has the newest', run, 'current'],
    ['whose tag moved', { ...run, digest: 'sha256:old' }, 'tag-moved'],
    ['whose host has the newer one', { ...run, digest: 'sha256:old', onHost: ['nginx@sha256:a'] }, 'pulled-not-running'],
    ['with a higher version', { ...run, check: { ...check, newerTag: '1.30' } }, 'newer-version'],
    ['whose tag moved, with a higher version', { ...run, digest: 'sha256:old', check: { ...check, newerTag: '1.30' } }, 'tag-moved'],
    ['of a digest', { ...run, image: { ...image, digest: 'sha256:x' }, check: null }, 'current'],
    ['that was not looked up', { ...run, check: null }, 'unknown'],
    ['whose registry does not answer', { ...run, check: { ...check, digest: null, error: 'away' } }, 'unknown'],
    ['of no known digest', { ...run, digest: null }, 'unknown'],
    ['where nothing is looked up', { ...run, checked: false }, 'unknown'],
  ] as const)('%s is %3$s', (_, of, state) => {
    expect(imageState(of).state).toBe(state);
  });
  test('names the higher version in full', () => {
    expect(imageState({ ...run, check: { ...check, newerTag: '1.30' } }).newerVersion).toBe('docker.io/library/nginx:1.30');
  });
});
