import type { ServiceTemplate } from '@berth/shared/model/service';
import { describe, expect, it } from 'vitest';
import { reasonAgainstRenewal, renewalsOf, renewed } from './renewal.ts';

const template = (secrets?: ServiceTemplate['spec']['secrets']): ServiceTemplate => ({ spec: { image: 'nginx', secrets } });

describe('a renewal', () => {
  const newest = new Map([
    ['db', 3],
    ['tls', 2],
  ]);
  const asked = template([
    { secret: 'db', env: 'DB' },
    { secret: 'db', file: '/run/db' },
    { secret: 'tls', version: 1, env: 'TLS' },
  ]);
  const present = template([
    { secret: 'db', version: 2, env: 'DB' },
    { secret: 'db', version: 2, file: '/run/db' },
    { secret: 'tls', version: 1, env: 'TLS' },
  ]);

  it('takes the newest versions of what names none, and tells each secret once', () => {
    const after = renewed(asked, newest);
    expect(after.spec.secrets?.map(({ version }) => version)).toEqual([3, 3, 1]);
    expect(renewalsOf(after, present)).toEqual([{ path: 'db', from: 'version 2', to: 'version 3' }]);
  });

  it('changes nothing where the newest are there already', () => {
    expect(renewalsOf(renewed(asked, new Map([['db', 2]])), present)).toEqual([]);
  });

  it('leaves to the api what is not known here', () => {
    expect(renewalsOf(renewed(asked, new Map()), present)).toEqual([{ path: 'db', from: 'version 2', to: 'the newest' }]);
  });

  it('is of no use without secrets whose version may change', () => {
    expect(reasonAgainstRenewal(asked)).toBeNull();
    expect(reasonAgainstRenewal(template())).toBe('Its template has no secrets.');
    expect(reasonAgainstRenewal(template([{ secret: 'tls', version: 1, env: 'TLS' }]))).toContain('names the versions');
  });
});
