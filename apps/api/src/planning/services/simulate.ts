/** The planner carried out on values, as if every replica came up: what a change would do, step by step. Pure (law L2). */
import { beginning } from './judge-rollout.ts';
import type { ReplicaState, ServiceInput, ServicePlanned } from './model.ts';
import { planService } from './plan-service.ts';

export interface SimulatedStep {
  now: number;
  planned: ServicePlanned;
  /** As they are when it is planned. */
  replicas: readonly ReplicaState[];
}

/** Between two looks: what was started is up, what was stopped is gone. */
const STEP_MS = 1000;
const MOST_STEPS = 20_000;

/** `comesUp` false: the replica ends instead. Stops where nothing more is planned by itself, or after `most` steps. */
export function simulate(
  from: ServiceInput,
  comesUp: (replica: ReplicaState) => boolean = () => true,
  most: number = MOST_STEPS,
): SimulatedStep[] {
  const steps: SimulatedStep[] = [];
  let input = from;
  let count = 0;
  for (let step = 0; step < most; step++) {
    const planned = planService(input);
    steps.push({ now: input.now, planned, replicas: input.replicas });
    const quiet = planned.create.length === 0 && planned.stop.length === 0 && planned.leave.length === 0 && planned.remove.length === 0;
    const moving = input.replicas.some(({ ended, ending, readyAt }) => !ended && (ending || readyAt === null));
    const waits = planned.wakeAt !== null && planned.wakeAt > input.now;
    if (quiet && !moving && !waits && planned.target === input.target && planned.rollout.state === input.rollout?.state) return steps;
    const now = quiet && !moving && planned.wakeAt !== null ? Math.max(planned.wakeAt, input.now + STEP_MS) : input.now + STEP_MS;
    const gone = new Set(planned.remove);
    const asked = new Set(planned.stop);
    const left = new Set(planned.leave);
    const there = input.replicas
      .filter(({ runId }) => !gone.has(runId))
      .map((replica) => (left.has(replica.runId) ? { ...replica, leavingAt: input.now } : replica))
      .map((replica) => carriedOut(replica, asked.has(replica.runId), comesUp, now));
    const started = planned.create.map(({ slot, revision }) => {
      count++;
      return fresh(`simulated-${String(count).padStart(6, '0')}`, slot, revision, input.now);
    });
    const found = there.some(({ revision, readyAt }) => revision === planned.target && readyAt !== null);
    input = {
      ...input,
      now,
      target: planned.target,
      rollout: planned.rollout,
      pinned: input.pinned || found,
      replicas: [...there, ...started],
    };
  }
  return steps;
}

export const fresh = (runId: string, slot: number, revision: number, createdAt: number): ReplicaState => ({
  runId,
  slot,
  revision,
  phase: 'queued',
  ended: false,
  ending: false,
  leavingAt: null,
  lost: false,
  readyAt: null,
  unhealthy: false,
  restarts: 0,
  createdAt,
  endedAt: null,
  message: 'accepted',
});

function carriedOut(replica: ReplicaState, stopped: boolean, comesUp: (replica: ReplicaState) => boolean, now: number): ReplicaState {
  if (replica.ended) return replica;
  if (replica.ending) return { ...replica, phase: 'exited', ended: true, readyAt: null, endedAt: now };
  if (stopped) return { ...replica, ending: true };
  if (replica.readyAt !== null) return replica;
  return comesUp(replica)
    ? { ...replica, phase: 'running', readyAt: now }
    : { ...replica, phase: 'failed', ended: true, endedAt: now, message: 'the container exited with 1' };
}

/** Of a service that has none yet. */
export const emptyService = (wishes: ServiceInput['wishes'], now: number): ServiceInput => ({
  now,
  wishes,
  revision: 1,
  target: 1,
  lastGood: null,
  rollout: beginning(now),
  pinned: false,
  deleted: false,
  replicas: [],
});
