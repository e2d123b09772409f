import { describe, expect, it } from 'vitest';
import { refusal } from '../runs/wrong-fields.ts';
import { contractErrors } from './service-errors.ts';
import { EMPTY_SERVICE, serviceFieldOf, toService } from './service-values.ts';

const wrongIn = (values: Partial<typeof EMPTY_SERVICE>) => {
  const all = { ...EMPTY_SERVICE, name: 'web', image: 'nginx', ...values };
  return contractErrors(toService(all).request, all);
};

describe('what the contract refuses', () => {
  it('is said at its field', async () => {
    expect(await wrongIn({})).toEqual({ placed: [], rest: [] });
    const { placed, rest } = await wrongIn({ name: 'Not So', image: 'a b', replicas: 'many', maxSurge: '0', maxUnavailable: '0' });
    expect(placed.map(({ field }) => field)).toEqual(['name', 'replicas', 'image', 'maxUnavailable']);
    expect(placed[1]?.message).toBe('must be a number');
    expect(rest).toEqual([]);
  });
  it('names what an autoscaler needs', async () => {
    const { placed } = await wrongIn({ scaleMin: '1', scaleMax: '3', scaleCpu: '50' });
    expect(placed).toEqual([{ field: 'scaleCpu', message: 'needs template.spec.resources.cpu: it is a per cent of that' }]);
  });
  it('is said at the domain that it is about', async () => {
    const ports = [{ containerPort: '80', hostPort: '', protocol: 'tcp' as const }];
    const route = { domain: 'a.example.com', path: '', port: '80', tls: '' as const };
    const { placed, rest } = await wrongIn({ ports, routes: [route, { ...route, port: '81' }, { ...route, domain: 'No', port: 'x' }] });
    expect(placed.map(({ field }) => field).sort()).toEqual(['routes.2.domain', 'routes.2.port']);
    expect(rest).toEqual([]);
    const sound = await wrongIn({ ports, routes: [route, { ...route, port: '81' }] });
    expect(sound.placed.map(({ field }) => field).sort()).toEqual(['routes.1.domain', 'routes.1.port']);
  });
});

describe('what the server refuses', () => {
  const values = { ...EMPTY_SERVICE, ports: [{ containerPort: '80', hostPort: '8080', protocol: 'tcp' as const }] };
  it('is said at its field, or above the form', () => {
    expect(refusal({ detail: 'No.', errors: [{ path: 'metadata.name', message: 'is taken' }] }, values, serviceFieldOf).placed).toEqual([
      { field: 'name', message: 'is taken' },
    ]);
    expect(refusal({ detail: 'No.' }, values, serviceFieldOf)).toEqual({ placed: [], rest: ['No.'] });
    expect(refusal({ detail: 'No.', errors: [{ path: 'spec.paused', message: 'is odd' }] }, values, serviceFieldOf).rest).toEqual([
      'spec.paused: is odd.',
    ]);
  });
  it('is said at the port that is taken', () => {
    const detail = 'Port 8080 is held by run "x".';
    expect(refusal({ code: 'host-port-taken', detail, errors: [] }, values, serviceFieldOf).placed).toEqual([
      { field: 'ports.0.hostPort', message: detail },
    ]);
  });
});
