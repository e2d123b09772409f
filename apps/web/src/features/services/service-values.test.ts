import { createServiceSchema, type ServiceSpec } from '@berth/shared/model/service';
import { describe, expect, it } from 'vitest';
import { aService } from './a-service.test-data.ts';
import { EMPTY_SERVICE, fromService, serviceFieldOf, toService } from './service-values.ts';

const FULL = {
  metadata: { name: 'web', labels: { team: 'blue', tier: '' } },
  spec: {
    replicas: 3,
    template: {
      labels: { app: 'web' },
      spec: {
        image: 'nginx:1.29',
        env: { A: '1' },
        ports: [{ containerPort: 80, hostPort: 8080, protocol: 'tcp' as const }],
        resources: { cpu: '0.5', memory: '64Mi' },
      },
    },
    update: {
      order: 'stop-first' as const,
      maxSurge: 0,
      maxUnavailable: 2,
      canary: 1,
      minReadySeconds: 5,
      progressDeadlineSeconds: 60,
      drainSeconds: 3,
      onFailure: 'pause' as const,
    },
    autoscale: { min: 2, max: 8, cpuPercent: 70, memoryPercent: 80, scaleUpWindowSeconds: 10, scaleDownWindowSeconds: 60 },
    disruption: { maxUnavailable: 2 },
    spreadOver: 'zone',
    routes: [
      { domain: 'shop.example.com', port: 80 },
      { domain: '*.example.com', path: '/api', port: 80, tls: 'off' as const },
      { domain: 'inside.example.com', port: 80, tls: 'internal' as const },
    ],
  },
};

describe('form and spec', () => {
  it('gives back what it was filled with', () => {
    expect(createServiceSchema.parse(toService(fromService(FULL)).request)).toEqual(FULL);
  });

  it('asks for nothing where its fields are empty', () => {
    const { request, errors } = toService({ ...EMPTY_SERVICE, name: ' web ', image: 'nginx' });
    expect(request).toEqual({ metadata: { name: 'web' }, spec: { replicas: 2, template: { spec: { image: 'nginx' } } } });
    expect(errors).toEqual([]);
  });

  it('never asks for what is of no meaning in a service', () => {
    const values = { ...EMPTY_SERVICE, timeoutSeconds: '5', ttlSecondsAfterFinished: '5', concurrencyKey: 'k', concurrencyLimit: '1' };
    expect(toService({ ...values, image: 'nginx' }).request.spec.template.spec).toEqual({ image: 'nginx' });
  });

  it('says at their fields what an autoscaler lacks', () => {
    const { errors, request } = toService({ ...EMPTY_SERVICE, image: 'nginx', scaleCpu: '50', scaleMax: '4' });
    expect(errors).toEqual([{ field: 'scaleMin', message: 'is needed to scale by use' }]);
    expect(request.spec.autoscale).toBeUndefined();
  });
});

describe('a change', () => {
  /** Written by a script: with what the form has no field for, or says more briefly. */
  const spec: ServiceSpec = {
    paused: true,
    template: {
      spec: {
        image: 'nginx:1.29',
        restart: { policy: 'always' },
        onHostLost: 'replace',
        tty: false,
        mounts: [{ source: '/srv', target: '/data', readOnly: false }],
        ports: [{ containerPort: 5432, protocol: 'tcp' }],
        placement: { antiAffinity: [{ runs: { app: 'db' }, required: false }] },
      },
    },
    update: { drainSeconds: 9 },
    routes: [{ domain: 'db.example.com', port: 5432, tls: 'auto' }],
  };
  const known = { metadata: { name: 'web', labels: {} }, spec };

  it('leaves as it was written what it does not touch', () => {
    expect(toService(fromService(known), known).request.spec).toEqual(spec);
    const { request } = toService({ ...fromService(known), replicas: '4', image: 'nginx:1.30' }, known);
    expect(request.spec).toEqual({ ...spec, replicas: 4, template: { spec: { ...spec.template.spec, image: 'nginx:1.30' } } });
  });

  it('changes a domain and leaves the others', () => {
    const before = { metadata: { name: 'web' }, spec: FULL.spec };
    const values = fromService(before);
    const [first, ...others] = values.routes;
    expect(first).toEqual({ domain: 'shop.example.com', path: '', port: '80', tls: '' });
    const { spec: after } = toService({ ...values, routes: [{ domain: '', path: '', port: '', tls: '' }, ...others] }, before).request;
    expect(after).toEqual({ ...FULL.spec, routes: FULL.spec.routes.slice(1) });
    expect(toService({ ...values, routes: [] }, before).request.spec).not.toHaveProperty('routes');
  });

  it('says nothing of what Berth writes', () => {
    const service = aService({ replicas: 1 });
    const { request } = toService({ ...fromService(service), replicas: '2' }, service);
    expect(createServiceSchema.parse(request)).toEqual({ metadata: { name: 'web', labels: {} }, spec: { ...service.spec, replicas: 2 } });
  });

  it('takes away what was emptied, and changes what was changed', () => {
    const before = { metadata: { name: 'web' }, spec: FULL.spec };
    const values = { ...fromService(before), env: [], labels: [], canary: '', spreadOver: '', restartPolicy: 'never' as const };
    const { spec: after } = toService(values, before).request;
    expect(after.template).toEqual({
      spec: { ...FULL.spec.template.spec, env: undefined, restart: { policy: 'never' } },
    });
    expect(after.update).toEqual({ ...FULL.spec.update, canary: undefined });
    expect(after).not.toHaveProperty('spreadOver');
  });
});

describe('serviceFieldOf', () => {
  const values = fromService(FULL);
  it.each([
    ['metadata.name', 'name'],
    ['metadata.labels.team', 'ownLabels'],
    ['spec.replicas', 'replicas'],
    ['spec.template.spec.image', 'image'],
    ['spec.template.spec.env.A', 'env.0.value'],
    ['spec.template.labels.app', 'labels.0.value'],
    // The replicas' own path, as the check of taken ports has it.
    ['spec.ports.0.hostPort', 'ports.0.hostPort'],
    ['spec.update.canary', 'canary'],
    ['spec.update', 'order'],
    ['spec.autoscale.cpuPercent', 'scaleCpu'],
    ['spec.disruption.maxUnavailable', 'disruption'],
    ['spec.spreadOver', 'spreadOver'],
    ['spec.update.drainSeconds', 'drainSeconds'],
    ['spec.routes.1.domain', 'routes.1.domain'],
    ['spec.routes.2.port', 'routes.2.port'],
    ['spec.routes.7.port', null],
    ['spec.routes', null],
    ['spec.paused', null],
  ])('%s is said at %s', (path, field) => expect(serviceFieldOf(path, values)).toBe(field));

  it('counts the domains that are sent, not the empty rows between them', () => {
    const [first] = values.routes;
    const routes = [{ domain: '', path: '', port: '', tls: '' as const }, ...(first ? [first] : [])];
    expect(serviceFieldOf('spec.routes.0.domain', { ...values, routes })).toBe('routes.1.domain');
  });
});
