/** What the planner of services reads and writes: values only (law L2). Times in milliseconds since 1970. */
import type { Phase } from '@berth/shared/model/phase';
import type { RolloutState } from '@berth/shared/model/service';

/** A run of the service. Those that ended are there as long as they are kept. */
export interface ReplicaState {
  runId: string;
  /** Its place, from 1 on. While one takes the place of another, both have the same. */
  slot: number;
  revision: number;
  phase: Phase;
  /** It reached its end. */
  ended: boolean;
  /** Its end was asked for. */
  ending: boolean;
  /** Since when it gets nothing new and waits for its stop; null: it does not. */
  leavingAt: number | null;
  /** Its host counts as lost: nobody knows whether it still runs, and nobody can stop it. */
  lost: boolean;
  /** Since when it runs, and is healthy where it has a check. */
  readyAt: number | null;
  unhealthy: boolean;
  restarts: number;
  createdAt: number;
  /** When its end was learnt of. */
  endedAt: number | null;
  /** In words: how it ended, or what it does. */
  message: string;
}

/** How far the roll-out of the present template is; kept with the service. An empty one begins. */
export interface RolloutRecord {
  state: RolloutState;
  startedAt: number;
  /** When one more replica than ever before was available. */
  progressAt: number;
  mostAvailable: number;
  /** When all were of it and available; null: not yet. */
  doneAt: number | null;
  /** Somebody said that it may go on after its canary. */
  promoted: boolean;
  /** Why it failed; "" where it did not. */
  failure: string;
}

/** Of the spec, with what is absent filled in. */
export interface ServiceWishes {
  desired: number;
  maxSurge: number;
  maxUnavailable: number;
  canary: number;
  minReadyMs: number;
  /** While one revision takes the place of another, a replica without a check has to stay up for so long besides. */
  trialMs: number;
  progressDeadlineMs: number;
  /** Between a replica's leave and its stop. */
  drainMs: number;
  rollBackOnFailure: boolean;
  paused: boolean;
}

export interface ServiceInput {
  now: number;
  wishes: ServiceWishes;
  /** Of the spec's template. */
  revision: number;
  target: number;
  /** The newest other revision of which all replicas were available once; null: there is none. */
  lastGood: number | null;
  rollout: RolloutRecord | null;
  /** It is known which image exactly the target has, or will not be known: until then a single replica finds out. */
  pinned: boolean;
  /** The service is deleted: all of it goes. */
  deleted: boolean;
  replicas: readonly ReplicaState[];
}

export interface NewReplica {
  slot: number;
  revision: number;
}

export interface ServicePlanned {
  create: NewReplica[];
  /** Runs that get nothing new from now on, and are stopped a while later. */
  leave: string[];
  /** Runs whose end is asked for. */
  stop: string[];
  /** Ended runs that are no longer kept. */
  remove: string[];
  target: number;
  rollout: RolloutRecord;
  /** All replicas are of the target and available: it is one to go back to. */
  good: boolean;
  /** The revision whose roll-out has failed now: it is none to go back to. */
  bad: number | null;
  counts: { replicas: number; ready: number; available: number; updated: number };
  /** What is waited for, in one sentence. */
  message: string;
  /** Look again then; null: when something changes. */
  wakeAt: number | null;
}
