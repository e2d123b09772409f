import type { Constraint } from '@berth/shared/model/placement-rules';
import { describe, expect, test } from 'vitest';
import { host, plan, run } from './scheduler.test-data.ts';

const hosts = [host(1, { labels: { zone: 'eu-1' } }), host(2), host(3, { labels: { zone: 'us-1', gpu: 'yes' } })];
const placedOn = (...constraints: Constraint[]) => plan([run(1, { rules: { constraints } })], hosts).placements[0]?.hostId;
const sentence = (on: typeof hosts, ...constraints: Constraint[]) =>
  plan([run(1, { rules: { constraints } })], on).waiting[0]?.waiting.message;

describe('constraints on labels', () => {
  test('choose the host', () => {
    expect(placedOn({ label: 'zone', operator: 'in', values: ['us-1', 'us-2'] })).toBe('host_3');
    expect(placedOn({ label: 'zone', operator: 'not-in', values: ['eu-1', 'us-1'] })).toBe('host_2');
    expect(placedOn({ label: 'gpu', operator: 'exists' })).toBe('host_3');
    expect(placedOn({ label: 'zone', operator: 'exists' }, { label: 'gpu', operator: 'not-exists' })).toBe('host_1');
  });

  test('say of a host that is refused what it has', () => {
    expect(sentence(hosts.slice(0, 2), { label: 'zone', operator: 'in', values: ['us-1', 'us-2'] })).toBe(
      'no host fits: web-1 has zone eu-1, not us-1 or us-2, web-2 has no label zone',
    );
    expect(sentence(hosts.slice(0, 1), { label: 'zone', operator: 'not-in', values: ['eu-1'] })).toBe(
      'no host fits: web-1 has zone eu-1, which the run excludes',
    );
    expect(
      sentence(hosts.slice(2), { label: 'gpu', operator: 'not-exists' }, { label: 'zone', operator: 'in', values: ['a', 'b', 'c'] }),
    ).toBe('no host fits: web-3 has the label gpu, which the run excludes and has zone us-1, not a, b or c');
  });

  test('hosts with several wrong values are told together', () => {
    expect(sentence([hosts[0] ?? host(1), hosts[2] ?? host(3)], { label: 'zone', operator: 'in', values: ['ap-1'] })).toBe(
      'no host fits: 2 of 2 hosts have another zone than ap-1',
    );
  });

  test('a label that objects have by themselves is not there', () => {
    expect(placedOn({ label: 'constructor', operator: 'exists' })).toBeUndefined();
  });

  test('are kept with the attempt, host by host', () => {
    const placement = plan([run(1, { rules: { constraints: [{ label: 'gpu', operator: 'exists' }] } })], hosts).placements[0]?.placement;
    expect(placement?.hosts.find(({ hostId }) => hostId === 'host_2')?.refusals).toEqual([
      { filter: 'constraints', message: 'web-2 has no label gpu' },
    ]);
  });
});
