/** Runs and hosts for the tests of the scheduler: each a plain one, with what a test changes. */
import type { CandidateHost, PendingRun, PlacementPlan, Surroundings } from './model.ts';
import { planPlacements } from './pipeline.ts';

export const now = new Date('2026-11-23T06:31:12.000Z');
export const seed = new Uint8Array(10).fill(7);
export const GIB = 2 ** 30;

export const run = (n: number, change: Partial<PendingRun> = {}): PendingRun => ({
  id: `run_${String(n).padStart(26, '0')}`,
  image: 'hello-world',
  cpuMillis: 0,
  memoryBytes: 0,
  ports: [],
  protocol: 3,
  asks: {},
  volumes: [],
  rules: null,
  labels: {},
  priority: 0,
  concurrency: null,
  waiting: null,
  ...change,
});

export const host = (n: number, change: Partial<CandidateHost> = {}): CandidateHost => ({
  id: `host_${n}`,
  name: `web-${n}`,
  labels: {},
  ready: true,
  lost: false,
  draining: false,
  stateMessage: 'ready',
  connected: true,
  lastSeenAt: now,
  approved: true,
  cordoned: false,
  policy: null,
  platform: 'linux/amd64',
  protocol: 3,
  images: [],
  cpuMillis: 4000,
  memoryBytes: 8 * GIB,
  reserved: { cpuMillis: 0, memoryBytes: 0, runs: 0 },
  claims: [],
  ...change,
});

export const QUIET: Surroundings = {
  strategy: 'spread',
  mostAtOnce: null,
  holders: new Map(),
  present: [],
  shunning: [],
  failures: [],
};

export const plan = (pending: PendingRun[], hosts: CandidateHost[], surroundings: Partial<Surroundings> = {}): PlacementPlan =>
  planPlacements({ pending, hosts, surroundings: { ...QUIET, ...surroundings }, now, seed });
