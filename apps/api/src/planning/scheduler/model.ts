/** What the scheduler is told and what it answers. Plain values: no client, clock or randomness comes near it (law L2). */
import type { Labels } from '@berth/shared/model/metadata';
import type { Placement } from '@berth/shared/model/placement';
import type { Constraint, PlacementRules } from '@berth/shared/model/placement-rules';
import type { PublishedPort, RunSpec } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';

export type Protocol = PublishedPort['protocol'];

export interface PendingRun {
  id: string;
  image: string;
  /** What it reserves. */
  cpuMillis: number;
  memoryBytes: number;
  ports: NonNullable<RunSpec['ports']>;
  /** The oldest version of the agent protocol that knows its spec. */
  protocol: number;
  /** Where it may go; null: anywhere. */
  rules: PlacementRules | null;
  /** As written now; `since` is kept while the cause stays. */
  waiting: Waiting | null;
}

export interface CandidateHost {
  id: string;
  name: string;
  labels: Labels;
  ready: boolean;
  /** Why it is in its state. */
  stateMessage: string;
  /** An agent's session is open; what is missing then is the engine. */
  connected: boolean;
  lastSeenAt: Date | null;
  /** OCI platform; empty where the agent has not said yet. */
  platform: string;
  /** The version of the protocol that its agent speaks. */
  protocol: number;
  /** Familiar names of the images that it holds. */
  images: readonly string[];
  cpuMillis: number;
  memoryBytes: number;
  /** Of the attempts that are not at an end. */
  reserved: { cpuMillis: number; memoryBytes: number; runs: number };
  claims: readonly { protocol: Protocol; hostPort: number }[];
}

export interface PlacementInput {
  pending: readonly PendingRun[];
  hosts: readonly CandidateHost[];
  now: Date;
  /** At least 10 random bytes: attempt ids and chosen ports come from it. */
  seed: Uint8Array;
}

export interface PlannedAttempt {
  runId: string;
  attemptId: string;
  hostId: string;
  ports: PublishedPort[];
  placement: Placement;
}

export interface PlacementPlan {
  placements: PlannedAttempt[];
  /** Every run that is not placed, with its cause, changed or not. */
  waiting: { runId: string; waiting: Waiting }[];
}

/** A run's needs; runs with equal demands are planned as one group. */
export interface Demand {
  image: string;
  cpuMillis: number;
  memoryBytes: number;
  protocol: number;
  constraints: readonly Constraint[];
  namedPorts: readonly { protocol: Protocol; hostPort: number }[];
  /** Ports that Berth chooses, by protocol. */
  freePorts: Record<Protocol, number>;
}

/** A host with the reservations of this plan on top. Free resources only shrink while planning. */
export interface HostLedger {
  readonly host: CandidateHost;
  readonly images: ReadonlySet<string>;
  freeCpu: number;
  freeMemory: number;
  runs: number;
  readonly taken: Record<Protocol, Set<number>>;
  /** How many ports of the pool are taken. */
  readonly poolTaken: Record<Protocol, number>;
}

export interface Refusal {
  /** "web-1 lacks 2 GiB of free memory" */
  message: string;
  /** The same of several hosts, without its subject: "lack 2 GiB of free memory". */
  plural: string;
  /** The same of one host, without its subject: "lacks 2 GiB of free memory". */
  singular: string;
}

/** Null: no objection. `fits` is the quick half of `refuse`, without the sentences. */
export interface Filter {
  fits(demand: Demand, ledger: HostLedger): boolean;
  refuse(demand: Demand, ledger: HostLedger): Refusal;
}

export interface Score {
  /** 0 to 100. Must not grow when a reservation is added: the pipeline's queue relies on it. */
  value(demand: Demand, ledger: HostLedger): number;
  message(demand: Demand, ledger: HostLedger): string;
}
