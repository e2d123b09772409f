import { describe, expect, it } from 'vitest';
import { createFailure, otherFailure, pullFailure, startFailure } from './docker-failure.ts';

/** As docker-modem makes them. */
const answer = (statusCode: number, message: string) =>
  Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode, json: { message } });

describe('what the engine or the registry says', () => {
  it.each([
    ['manifest for 127.0.0.1:5000/a:b not found: manifest unknown: manifest unknown', 'image-not-found'],
    ['no matching manifest for linux/amd64 in the manifest list entries', 'image-not-found'],
    ["pull access denied for a/b, repository does not exist or may require 'docker login': denied", 'image-unauthorized'],
    ['Head "http://127.0.0.1:5000/v2/a/manifests/b": no basic auth credentials', 'image-unauthorized'],
    ['Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host', 'registry-unreachable'],
    ['Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused', 'registry-unreachable'],
    ['toomanyrequests: You have reached your pull rate limit', 'image-pull-failed'],
  ])('of a pull, "%s", is %s', (words, reason) => {
    expect(pullFailure(answer(500, words))).toMatchObject({ kind: 'cannot-ever', reason, message: words });
  });

  it.each([
    ['OCI runtime create failed: exec: "foo": executable file not found in $PATH: unknown', 'command-not-found', 127],
    ['OCI runtime create failed: exec: "/x": stat /x: no such file or directory: unknown', 'command-not-found', 127],
    ['OCI runtime create failed: exec: "/etc": permission denied: unknown', 'command-not-executable', 126],
    ['Bind for 0.0.0.0:80 failed: port is already allocated', 'host-port-taken', undefined],
    ['listen tcp4 0.0.0.0:80: bind: address already in use', 'host-port-taken', undefined],
    ['unable to find user me: no matching entries in passwd file', 'invalid-spec', 126],
    ['something else', 'engine-error', undefined],
  ])('of a start, "%s", is %s', (words, reason, exitCode) => {
    const failure = startFailure(answer(400, words));
    expect(failure).toMatchObject({ kind: 'cannot-ever', reason });
    expect('exitCode' in failure ? failure.exitCode : undefined).toBe(exitCode);
  });

  it('of a create tells a bad spec from an engine in trouble, and an image that is gone', () => {
    expect(createFailure(answer(400, 'invalid mount'))).toMatchObject({ reason: 'invalid-spec' });
    expect(createFailure(answer(500, 'boom'))).toMatchObject({ reason: 'engine-error' });
    expect(createFailure(answer(404, 'No such image: a:b'))).toMatchObject({ reason: 'image-not-present' });
  });

  it('of a full disk may pass', () => {
    const full = answer(500, 'write /var/lib/docker/tmp/x: no space left on device');
    for (const failure of [pullFailure(full), createFailure(full), startFailure(full)]) {
      expect(failure).toMatchObject({
        kind: 'cannot-now',
        reason: 'disk-full',
        message: expect.stringMatching(/^the disk of the host is full: write/),
      });
    }
  });

  it('nothing at all means: not now', () => {
    const refused = Object.assign(new Error('connect ENOENT /run/docker.sock'), { code: 'ENOENT' });
    for (const failure of [createFailure(refused), startFailure(refused), otherFailure(refused)]) {
      expect(failure).toMatchObject({ kind: 'cannot-now', reason: 'waiting-for-engine' });
    }
  });
});
