import { describe, expect, test } from 'vitest';
import { DEFAULT_POLICY, type HostPolicy, policyDemandOf, policyFileSchema, policyRefusals, toPolicy } from './host-policy.ts';
import { plainPath } from './plain-path.ts';
import type { RunSpec } from './run.ts';

const refused = (policy: Partial<HostPolicy>, spec: Partial<RunSpec>) =>
  policyRefusals({ ...DEFAULT_POLICY, ...policy }, policyDemandOf({ image: 'busybox', ...spec })).map(({ what }) => what);
const mount = (source: string, readOnly = false) => ({ mounts: [{ source, target: '/x', readOnly }] });

describe('where nobody wrote a policy', () => {
  test('an ordinary container is allowed, and whatever opens the host is not', () => {
    expect(refused({}, { capabilities: { add: ['CHOWN'], drop: ['ALL'] } })).toEqual([]);
    expect(refused({}, { privileged: true, network: 'host', capabilities: { add: ['SYS_ADMIN'] }, ...mount('/srv') })).toEqual([
      'privileged containers',
      "a container in the host's network",
      'the capability SYS_ADMIN',
      'mounts of /srv',
    ]);
  });
});

describe('mounts', () => {
  const mounts = [
    { path: '/srv/data', readOnly: false },
    { path: '/etc/ssl', readOnly: true },
  ];

  test('are allowed by whole parts of a path, read as paths are', () => {
    expect(refused({ mounts }, mount('/srv/data'))).toEqual([]);
    expect(refused({ mounts }, mount('/srv//data/./deep/'))).toEqual([]);
    expect(refused({ mounts }, mount('/srv/database'))).toEqual(['mounts of /srv/database']);
    expect(refused({ mounts }, mount('/srv/data/../../etc/shadow'))).toEqual(['mounts of /etc/shadow']);
    expect(refused({ mounts }, mount('/srv'))).toEqual(['mounts of /srv']);
  });

  test('may be allowed for reading only', () => {
    expect(refused({ mounts }, mount('/etc/ssl/certs'))).toEqual(['mounts of /etc/ssl/certs but for reading only']);
    expect(refused({ mounts }, mount('/etc/ssl/certs', true))).toEqual([]);
  });

  test('never hold what is guarded, or lie in it, unless the policy names that exactly', () => {
    const guarded = ['/run/docker.sock', '/var/lib/docker'];
    const all = [{ path: '/', readOnly: false }];
    expect(refused({ mounts: all, guarded }, mount('/srv'))).toEqual([]);
    expect(refused({ mounts: all, guarded }, mount('/run/docker.sock'))).toEqual(['mounts of /run/docker.sock, which is /run/docker.sock']);
    expect(refused({ mounts: all, guarded }, mount('/var'))).toEqual(['mounts of /var, which holds /var/lib/docker']);
    expect(refused({ mounts: all, guarded }, mount('/var/lib/docker/volumes'))).toEqual([
      'mounts of /var/lib/docker/volumes, which is in /var/lib/docker',
    ]);
    const exact = [...all, { path: '/run/docker.sock', readOnly: false }];
    expect(refused({ mounts: exact, guarded }, mount('/run/docker.sock'))).toEqual([]);
  });
});

test('limits are for every run: of its registry, its processor and its memory', () => {
  const policy = { registries: ['ghcr.io'], mostCpuMillis: 2000, mostMemoryBytes: 2 ** 30 };
  expect(refused(policy, {})).toEqual([
    'images from docker.io',
    'runs that set themselves no limit (2 cores at most)',
    'runs that set themselves no limit (1 GiB of memory at most)',
  ]);
  const resources = { cpu: 3, memory: '2Gi' };
  expect(refused(policy, { image: 'ghcr.io/a/b', resources })).toEqual([
    'more than 2 cores to a run',
    'more than 1 GiB of memory to a run',
  ]);
  expect(refused(policy, { image: 'ghcr.io/a/b', resources: { cpu: '2', memory: '1Gi' } })).toEqual([]);
});

test('a file is read with all of its faults, and what is not in it is not allowed', () => {
  const faults = policyFileSchema.safeParse({ privileged: 'yes', mounts: [{ path: 'srv' }], priviledged: true }).error?.issues ?? [];
  expect(faults.map(({ path }) => path.join('.'))).toEqual(expect.arrayContaining(['privileged', 'mounts.0.path', '']));
  const file = policyFileSchema.parse({ capabilities: ['CAP_net_admin'], mounts: [{ path: '/link' }], mostCpu: 2 });
  expect(toPolicy(file, ['/home/berth'], (path) => (path === '/link' ? '/real' : path))).toEqual({
    ...DEFAULT_POLICY,
    capabilities: ['NET_ADMIN'],
    mounts: [{ path: '/real', readOnly: false }],
    mostCpuMillis: 2000,
    guarded: ['/home/berth'],
  });
});

test('paths are read as a kernel reads them, but for links', () => {
  expect(['/a/../../b', '//a//b/', '/a/./b/..', '/'].map(plainPath)).toEqual(['/b', '/a/b', '/a', '/']);
});
