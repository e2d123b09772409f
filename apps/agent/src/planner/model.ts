/** What the planner reads and writes: values only (law L2). */
import type { Phase, TerminalPhase } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { Health } from '@berth/shared/model/run';
import type { Assignment } from '@berth/shared/protocol/agent';
import type { Lives } from './lives.ts';

/** A container of ours as the engine shows it. Times in milliseconds since 1970. */
export interface ObservedContainer {
  attemptId: string;
  containerId: string;
  /** created: never started. running: started and not ended (paused too). ended: started once, and over. */
  state: 'created' | 'running' | 'ended';
  /** Its processes are held still; absent: they are not. */
  paused?: boolean;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  exitCode: number | null;
  oomKilled: boolean;
  /** What the engine says about a failure to run it; "" where nothing. */
  engineMessage: string;
  /** What its health check says; absent or null: it has none. */
  health?: Health | null;
}

export type StopCause = 'stop-requested' | 'restart-requested' | 'kill-requested' | 'timed-out' | 'fenced' | 'unassigned';

/** What this process knows of an attempt beyond the engine's view. */
export interface Progress {
  /** The step that is under way; an attempt has at most one, besides abortPull, stop and kill. */
  busy: StepName | null;
  imageReady: boolean;
  /** Its pull also creates the container. */
  creatingEarly: boolean;
  /** A start may have been sent to the engine once, by this process or, says the ledger, by an earlier one. */
  startMarked: boolean;
  /** A start was sent, and its answer got lost with the engine: until then it may still show that it began. In milliseconds since 1970. */
  doubtUntil: number | null;
  /** This process reads its output and waits for its end. */
  attached: boolean;
  /** Of a container that has ended, all output is in hand. */
  drained: boolean;
  stopping: { cause: StopCause; killed: boolean } | null;
  pullAborted: boolean;
  /** The report of its end is made. */
  ended: boolean;
  /** The report of its end is acknowledged. */
  delivered: boolean;
  /** The last phase reported. */
  phase: Phase | null;
  /** Not before this time, after a failure that may pass. */
  retryAt: number | null;
}

export const freshProgress = (): Progress => ({
  busy: null,
  imageReady: false,
  creatingEarly: false,
  startMarked: false,
  doubtUntil: null,
  attached: false,
  drained: false,
  stopping: null,
  pullAborted: false,
  ended: false,
  delivered: false,
  phase: null,
  retryAt: null,
});

export interface PlanLimits {
  /** Attempts between create and started at a time. On two cores an engine's throughput still grows a little from 4 to 8, not beyond. */
  launches: number;
  /** Ended containers are kept as evidence for so long … */
  keepEndedMs: number;
  /** … and so many of them, the newest. */
  keepEndedCount: number;
}
export const DEFAULT_LIMITS: PlanLimits = { launches: 8, keepEndedMs: 3_600_000, keepEndedCount: 50 };

export interface PlanInput {
  now: number;
  /** False: the engine does not answer, or was not completely observed yet. Nothing is planned then (law L3). */
  observed: boolean;
  /** The api has confirmed the set to this process. Before that, only what runs is looked after; nothing new starts. */
  confirmed: boolean;
  assignments: ReadonlyMap<string, Assignment>;
  containers: ReadonlyMap<string, ObservedContainer>;
  progress: ReadonlyMap<string, Progress>;
  /** Of attempts that have begun to be started again, or were asked to. */
  lives: ReadonlyMap<string, Lives>;
  /** Attempts whose container the api wants removed although it has ended. */
  removals: ReadonlySet<string>;
  /** Seconds since the api was last heard. */
  contactAge: number;
  limits: PlanLimits;
}

export interface StepPayloads {
  /**
   * `createEarly`: where the policy has the registry asked although the image is here, the container is created meanwhile, and
   * removed again if the registry has another image. Asking takes as long as creating does.
   */
  pull: { assignment: Assignment; createEarly: boolean };
  abortPull: { attemptId: string };
  create: { assignment: Assignment };
  /** Output and exit are listened for before the start. */
  attach: { assignment: Assignment; containerId: string };
  start: { assignment: Assignment; containerId: string };
  /** A start whose answer got lost: whether it began is seen now, or never known. */
  doubt: { assignment: Assignment; containerId: string };
  /** A container that runs without this process listening: resume its output, wait for its end. */
  adopt: { assignment: Assignment; containerId: string };
  /** A container that ended: all of its output, then the report of its end. */
  conclude: { assignment: Assignment; containerId: string };
  stop: { attemptId: string; containerId: string; graceSeconds: number; cause: StopCause };
  kill: { attemptId: string; containerId: string; cause: StopCause };
  /** Holds its processes still, or lets them go on. */
  hold: { assignment: Assignment; containerId: string; still: boolean };
  /** An end without a container that ran. */
  finish: { assignment: Assignment; phase: TerminalPhase; reason: Reason; message: string };
  remove: { attemptId: string; containerId: string };
  forget: { attemptId: string };
}
export type StepName = keyof StepPayloads;
export type Step = { [N in StepName]: { step: N } & StepPayloads[N] }[StepName];

export interface Plan {
  steps: Step[];
  /** Plan again at this time at the latest; null where only events matter. */
  wakeAt: number | null;
}
