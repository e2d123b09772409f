import type { Host } from '@berth/shared/model/host';
import { expect, test } from 'vitest';
import { isBehind, skewInWords } from './version-skew.ts';

type Agent = Pick<Host['status']['agent'], 'skew' | 'version'>;
const hosts = (...agents: Agent[]) => agents;

test('agents that are not those of this Berth are counted by what they are', () => {
  const fleet = hosts(
    { skew: 'none', version: '0.2.0' },
    { skew: 'version', version: '0.1.0' },
    { skew: 'version', version: '0.1.0' },
    { skew: 'protocol', version: '0.0.9' },
    { skew: 'unknown', version: null },
  );
  expect(fleet.filter(isBehind)).toHaveLength(3);
  expect(skewInWords(fleet)).toBe('3 of 5 hosts run another agent than this Berth has: 2 of version 0.1.0, 1 one protocol behind');
  expect(skewInWords(hosts({ skew: 'build', version: '0.2.0' }))).toBe(
    '1 of 1 host runs another agent than this Berth has: 1 of another build',
  );
});
