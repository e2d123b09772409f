/** What the scheduler is told and what it answers. Plain values: no client, clock or randomness comes near it (law L2). */
import type { HostPolicy, PolicyDemand } from '@berth/shared/model/host-policy';
import type { Labels } from '@berth/shared/model/metadata';
import type { Placement, PlacementFilter, PlacementScore } from '@berth/shared/model/placement';
import type { Concurrency, Constraint, PlacementRules, Strategy } from '@berth/shared/model/placement-rules';
import type { PublishedPort, RunSpec } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';

export type Protocol = PublishedPort['protocol'];

export interface PendingRun {
  id: string;
  labels: Labels;
  image: string;
  /** What it reserves. */
  cpuMillis: number;
  memoryBytes: number;
  ports: NonNullable<RunSpec['ports']>;
  /** The oldest version of the agent protocol that knows its spec. */
  protocol: number;
  /** What it asks of the host beyond an ordinary container. */
  asks: Pick<RunSpec, 'privileged' | 'capabilities' | 'network' | 'mounts'>;
  /** Its data, and where that lies. */
  volumes: readonly PendingVolume[];
  /** Where it may go; null: anywhere. */
  rules: PlacementRules | null;
  priority: number;
  concurrency: Concurrency | null;
  /** As written now; `since` is kept while the cause stays. */
  waiting: Waiting | null;
}

export interface PendingVolume {
  id: string;
  name: string;
  /** Null: nowhere yet; it is bound to the host of the first run that has it. */
  lies: { hostId: string; hostName: string /** The host was taken out of the workspace. */; removed: boolean; lost: boolean } | null;
}

/** A volume while a plan grows: a run that is placed binds it. */
export interface PlannedVolume {
  readonly id: string;
  readonly name: string;
  lies: PendingVolume['lies'];
}

export interface CandidateHost {
  id: string;
  name: string;
  labels: Labels;
  ready: boolean;
  /** It counts as lost, or somebody said that it is gone. */
  lost: boolean;
  /** It lets go of its runs, and takes no new one. */
  draining: boolean;
  /** Why it is in its state. */
  stateMessage: string;
  /** An agent's session is open; what is missing then is the engine. */
  connected: boolean;
  lastSeenAt: Date | null;
  /** False: nobody has let it in yet. */
  approved: boolean;
  /** Somebody keeps new runs from it. */
  cordoned: boolean;
  /** What its policy file allows; null: nothing out of the ordinary. */
  policy: HostPolicy | null;
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

/** What else in the workspace a plan rests on. */
export interface Surroundings {
  /** Where a run names none. */
  strategy: Strategy;
  /** Runs under way at once in the whole workspace; null: as many as fit. */
  mostAtOnce: number | null;
  /** Runs under way by concurrency key, for the keys of pending ones; the names of a few. */
  holders: ReadonlyMap<string, { count: number; names: readonly string[] }>;
  /** How many runs on a host have these labels, for every selector of a pending run. */
  present: readonly { hostId: string; selector: Labels; runs: number }[];
  /** How many runs on a host must not have such a one near. */
  shunning: readonly { hostId: string; selector: Labels; topology: string | null; runs: number }[];
  failures: readonly PullFailure[];
}

/** Pulls of an image that failed lately on a host because its registry did not answer, or refused it. */
export interface PullFailure {
  hostId: string;
  image: string;
  reason: 'registry-unreachable' | 'image-unauthorized';
  /** One after the other, without a pull from there that went well. */
  times: number;
  lastAt: Date;
}

export interface PlacementInput {
  pending: readonly PendingRun[];
  hosts: readonly CandidateHost[];
  surroundings: Surroundings;
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
  /** Of its volumes, those that are bound to its host by it. */
  binds: readonly string[];
}

export interface PlacementPlan {
  placements: PlannedAttempt[];
  /** Every run that is not placed, with its cause, changed or not. */
  waiting: { runId: string; waiting: Waiting }[];
}

/** Runs that somebody looks for or keeps away from, counted by place. It grows while planning. */
export interface Crowd {
  readonly selector: Labels;
  /** A place is all hosts with one value of this label; null: each host is one. */
  readonly topology: string | null;
  readonly at: Map<string, number>;
  total: number;
  /** The places that got their first one while planning, in this order. */
  readonly arrivals: string[];
}

export interface Company {
  crowd: Crowd;
  required: boolean;
  /** The run is such a one itself. */
  member: boolean;
}

export type Named<Name, Rule> = Rule & { readonly name: Name };

/** A run's needs; runs with equal demands are planned as one group. */
export interface Demand {
  image: string;
  cpuMillis: number;
  memoryBytes: number;
  protocol: number;
  policy: PolicyDemand;
  /** Shared by all that have it. */
  volumes: readonly PlannedVolume[];
  constraints: readonly Constraint[];
  strategy: Strategy;
  /** What its image is pulled from. */
  registry: string;
  affinity: readonly Company[];
  antiAffinity: readonly Company[];
  /** Those that must not have it near. */
  shunnedBy: readonly Crowd[];
  /** `floor`: the fewest at any place that has a host for it, when last chosen. */
  spreadOver: { readonly crowd: Crowd; floor: number } | null;
  /** What counts it once it is placed. */
  joins: readonly Crowd[];
  /** What can refuse a host, in the order in which it is asked. */
  filters: readonly Named<PlacementFilter, Filter>[];
  /** What tells hosts apart. */
  scores: readonly Named<PlacementScore, Score>[];
  namedPorts: readonly { protocol: Protocol; hostPort: number }[];
  /** Ports that Berth chooses, by protocol. */
  freePorts: Record<Protocol, number>;
}

/** A demand before it is known what of the scheduler it concerns. */
export type Needs = Omit<Demand, 'filters' | 'scores'>;

/** A host with the reservations of this plan on top. Free resources only shrink while planning. */
export interface HostLedger {
  readonly host: CandidateHost;
  readonly images: ReadonlySet<string>;
  /** By registry, or by image where that one alone was refused: why it is rather not pulled here now. */
  readonly trouble: ReadonlyMap<string, string>;
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

/** `fits` is the quick half of `refuse`, without the sentences. */
export interface Filter {
  /** False: it refuses no host whatever, and need not be asked. Always where absent. */
  concerns?(demand: Needs): boolean;
  fits(demand: Demand, ledger: HostLedger): boolean;
  refuse(demand: Demand, ledger: HostLedger): Refusal;
}

export interface Score {
  concerns(demand: Needs, ledgers: readonly HostLedger[]): boolean;
  /** The points of the best host that could be. */
  most: number;
  /** 0 to 1 of them. */
  share(demand: Demand, ledger: HostLedger): number;
  message(demand: Demand, ledger: HostLedger): string;
}
