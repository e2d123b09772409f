import { DEFAULT_POLICY, policyDemandOf } from '@berth/shared/model/host-policy';
import { expect, test } from 'vitest';
import { refusedByHosts } from './refused-by-hosts.ts';

const demand = policyDemandOf({ image: 'busybox', privileged: true, capabilities: { add: ['NET_ADMIN', 'CHOWN'] } });
const host = (name: string, policy: Partial<typeof DEFAULT_POLICY> = {}) => ({
  name,
  known: true,
  policy: { ...DEFAULT_POLICY, ...policy },
});

test('a run that no host allows is refused by field, with the hosts', () => {
  expect(refusedByHosts([host('web-1'), host('web-2', { privileged: true })], demand)).toEqual({
    detail:
      'No host allows it: web-1 does not allow privileged containers and the capability NET_ADMIN; web-2 does not allow the capability ' +
      'NET_ADMIN. What a host allows is written in the policy file on it.',
    errors: [
      { path: 'spec.privileged', message: 'web-1 does not allow privileged containers' },
      { path: 'spec.capabilities.add.0', message: 'web-1 and web-2 do not allow the capability NET_ADMIN' },
    ],
  });
});

test('one that a host allows, or may allow once it has connected, or that no host is there for, is taken', () => {
  expect(refusedByHosts([host('web-1'), host('web-2', { privileged: true, capabilities: ['ALL'] })], demand)).toBeNull();
  expect(refusedByHosts([host('web-1'), { ...host('web-2'), known: false }], demand)).toBeNull();
  expect(refusedByHosts([], demand)).toBeNull();
});
