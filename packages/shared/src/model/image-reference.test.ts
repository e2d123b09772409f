import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPullPolicy, familiarImageName, formatImageReference, parseImageReference } from './image-reference.ts';

const parse = (text: string) => {
  const parsed = parseImageReference(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.image;
};
const digest = `sha256:${'ab'.repeat(32)}`;

describe('parseImageReference', () => {
  it.each([
    ['hello-world', 'docker.io/library/hello-world:latest', 'hello-world:latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29', 'nginx:1.29'],
    ['grafana/loki', 'docker.io/grafana/loki:latest', 'grafana/loki:latest'],
    ['index.docker.io/library/redis', 'docker.io/library/redis:latest', 'redis:latest'],
    ['localhost/app', 'localhost/app:latest', 'localhost/app:latest'],
    ['localhost:5000/app:dev', 'localhost:5000/app:dev', 'localhost:5000/app:dev'],
    ['ghcr.io/team/app:1.2', 'ghcr.io/team/app:1.2', 'ghcr.io/team/app:1.2'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`, `busybox@${digest}`],
    [`reg.example:443/a/b/c:v1@${digest}`, `reg.example:443/a/b/c:v1@${digest}`, `reg.example:443/a/b/c:v1@${digest}`],
    ['a__b/c.d-e', 'docker.io/a__b/c.d-e:latest', 'a__b/c.d-e:latest'],
  ])('reads %s as Docker does', (text, full, familiar) => {
    expect(formatImageReference(parse(text))).toBe(full);
    expect(familiarImageName(parse(text))).toBe(familiar);
  });

  it.each([
    ['', 'must name an image'],
    ['Nginx', 'lower case'],
    ['nginx:', 'the tag ""'],
    ['nginx:a b', 'white space'],
    [' nginx', 'white space'],
    ['a//b', 'empty part'],
    ['nginx@sha256:abc', '64 hexadecimal digits'],
    ['nginx:-x', 'the tag "-x"'],
    ['-nginx', 'not a valid repository name'],
    ['ex ample.com/a', 'white space'],
    ['exa_mple.com/a', 'the registry'],
    ['x'.repeat(600), '512'],
  ])('refuses %j and says the mend', (text, message) => {
    const parsed = parseImageReference(text);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.message).toContain(message);
  });

  it('never throws, and its full form reads as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9./:@_-]{0,40}$/)), (text) => {
        const parsed = parseImageReference(text);
        if (!parsed.ok) return;
        const full = formatImageReference(parsed.image);
        expect(formatImageReference(parse(full))).toBe(full);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('defaultPullPolicy', () => {
  it('is what Kubernetes has: always for latest or no tag, if-not-present for another tag or a digest', () => {
    expect(defaultPullPolicy(parse('nginx'))).toBe('always');
    expect(defaultPullPolicy(parse('nginx:latest'))).toBe('always');
    expect(defaultPullPolicy(parse('nginx:1.29'))).toBe('if-not-present');
    expect(defaultPullPolicy(parse(`nginx@${digest}`))).toBe('if-not-present');
    expect(defaultPullPolicy(parse(`nginx:latest@${digest}`))).toBe('if-not-present');
  });
});
