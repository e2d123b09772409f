/** What the judgement over silent hosts is told and what it answers: values only (law L2). Times in milliseconds since 1970. */
import type { Desired } from '@berth/shared/model/desired';
import type { Reason } from '@berth/shared/model/reason';
import type { OnHostLost } from '@berth/shared/model/run';

/** A host of which nothing is heard: no session, or one whose heartbeats have stopped. */
export interface SilentHost {
  id: string;
  name: string;
  workspaceId: string;
  /** Its last sign, by the api's own clock. */
  lastSeenAt: number;
  /** Since when somebody could have heard it and nobody did: never before the api itself listened. */
  silentSince: number;
  /** It counts as lost already; `told`: its state says so too. */
  lost: boolean;
  told: boolean;
  /** Who said that it is gone. */
  goneBy: string | null;
  /** As it is written now. */
  braked: boolean;
  dueAt: number | null;
}

/** An attempt on a silent host. */
export interface StrandedAttempt {
  id: string;
  runId: string;
  hostId: string;
  onHostLost: OnHostLost;
  /** The run's own time until its host counts as lost. */
  lostAfterSeconds: number | null;
  /** Of its run; deleted counts as killed. */
  desired: Desired;
}

/** Of all hosts that were ever heard and do not count as lost. */
export interface Fleet {
  workspaceId: string;
  /** Silent ones included. */
  hosts: number;
  silent: number;
}

export interface LossInput {
  now: number;
  lostSeconds: number;
  silent: readonly SilentHost[];
  attempts: readonly StrandedAttempt[];
  fleets: readonly Fleet[];
}

/** An attempt that is given up, and so fenced: whatever its host still says of it changes nothing. */
export interface GivenUp {
  workspaceId: string;
  attemptId: string;
  runId: string;
  hostId: string;
  /** The judgement holds only while nothing was heard of the host since. */
  lastSeenAt: number;
  reason: Reason;
  message: string;
  /** Its run is placed again; otherwise it is lost with it. */
  again: boolean;
  /** Not before another host has room for it: it may still run where it is, and stopping it for nothing helps nobody. */
  onlyWithRoom: boolean;
}

/** A run of a lost host that has no room elsewhere: why, and what follows. */
export interface LackingRoom {
  runId: string;
  message: string;
  next: string;
}

export interface LossPlan {
  /** Silent hosts of which something else is written than is so: their time, their brake, or their loss. */
  dues: { hostId: string; braked: boolean }[];
  /** Hosts that count as lost from now on. */
  lost: { hostId: string; lastSeenAt: number }[];
  givenUp: GivenUp[];
}
