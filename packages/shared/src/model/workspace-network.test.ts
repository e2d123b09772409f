import { describe, expect, it } from 'vitest';
import { networkAliases } from './workspace-network.ts';

describe('the names of a container in its network', () => {
  it.each([
    ['web-1', null, ['web-1']],
    ['web-1', 'web', ['web-1', 'web']],
    ['web', 'web', ['web']],
    ['db.internal', null, ['db.internal']],
    // The name of a run may be more than a name of DNS.
    ['web_1', 'web', ['web']],
    ['a..b', null, []],
    ['a-', null, []],
    ['10.0.0.1', null, []],
    ['10', null, ['10']],
    ['web', 'Web', ['web']],
  ])('of %s, of the service %s, are %j', (run, service, names) => {
    expect(networkAliases(run, service)).toEqual(names);
  });
});
