/** A run for unit tests: queued, with whatever else a test says. */
import type { Run } from '@berth/shared/model/run';

export function aRun(metadata: Partial<Run['metadata']> = {}, status: Partial<Run['status']> = {}): Run {
  return {
    kind: 'Run',
    metadata: {
      id: 'run_1',
      name: 'web',
      workspace: 'default',
      labels: {},
      generation: 1,
      resourceVersion: '1',
      createdAt: '2026-11-23T12:00:00.000Z',
      ...metadata,
    },
    spec: { image: 'nginx' },
    status: {
      phase: 'queued',
      reason: 'waiting-for-placement',
      message: 'waiting',
      waiting: null,
      desired: 'run',
      restarts: 0,
      health: null,
      exitCode: null,
      signal: null,
      oomKilled: false,
      image: { reference: 'nginx', digest: null },
      hostId: null,
      hostName: null,
      observedGeneration: 1,
      startedAt: null,
      finishedAt: null,
      logBytes: 0,
      phaseTimes: {},
      attempts: [],
      ...status,
    },
  };
}
