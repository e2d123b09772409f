/** A service for unit tests: two of two available, with whatever else a test says. */
import type { Service, ServiceRevision, ServiceSpec, ServiceStatus } from '@berth/shared/model/service';

export function aService(spec: Partial<ServiceSpec> = {}, status: Partial<ServiceStatus> = {}): Service {
  return {
    kind: 'Service',
    metadata: {
      id: 'svc_1',
      name: 'web',
      workspace: 'default',
      labels: {},
      generation: 1,
      resourceVersion: '1',
      createdAt: '2026-11-26T12:00:00.000Z',
    },
    spec: { replicas: 2, template: { spec: { image: 'nginx' } }, ...spec },
    status: {
      observedGeneration: 1,
      desired: 2,
      replicas: 2,
      ready: 2,
      available: 2,
      updated: 2,
      revision: 1,
      targetRevision: 1,
      rollout: 'done',
      message: '2 of 2 available',
      image: { reference: 'nginx', digest: null },
      conditions: [],
      ...status,
    },
  };
}

export const aRevision = (number: number, wasGood: boolean): ServiceRevision => ({
  number,
  template: { spec: { image: `nginx:${number}` } },
  digest: null,
  createdAt: '2026-11-26T12:00:00.000Z',
  createdBy: 'user:ada@example.com',
  wasGood,
});
