/** A host of the suite, whatever it is made of: what the faults do to it, and what its engine knows. */
import type { HostSpace } from './host-space.ts';

/** What an engine was seen to do for one attempt. */
export interface AttemptRecord {
  attemptId: string;
  runId: string;
  /** Every container of its id that has ever started: one that was only created may be made anew (law L5). */
  started: Set<string>;
  /** By the engine's own events; an engine that is killed forgets some. */
  starts: Set<string>;
}

/** A container that is there now. */
export interface ContainerNow {
  id: string;
  attemptId: string;
  runId: string;
  isRunning: boolean;
  hostPorts: number[];
}

export interface EngineWitness {
  /** All attempts that were seen since the last `forget`. */
  readonly attempts: ReadonlyMap<string, AttemptRecord>;
  forget(): void;
  /** Null: the engine does not answer now. */
  containers(): Promise<ContainerNow[] | null>;
  /** Of this one alone, asked again: slower than the list, and the last word. True while its engine does not answer. */
  isRunning(container: ContainerNow): Promise<boolean>;
}

export interface FleetHost {
  readonly name: string;
  readonly hostId: string;
  readonly isReal: boolean;
  readonly space: HostSpace;
  readonly witness: EngineWitness;
  readonly agent: {
    readonly isRunning: boolean;
    kill(): Promise<void>;
    start(): Promise<void>;
    freeze(): void | Promise<void>;
    thaw(): void | Promise<void>;
    log(): string;
  };
  /** Of real ones. */
  readonly engine: {
    kill(): Promise<void>;
    start(): Promise<void>;
    freeze(): void;
    thaw(): void;
    log(): string;
    /** What it keeps is below; its room is small. */
    readonly dataFolder: string;
  } | null;
  /** The folder of identity and ledger, as this process reaches it. */
  readonly agentHome: string | null;
  /** The agent sees its clock so far from the true one. */
  moveClock(byMs: number): void;
  /** When its engine was killed with -9, by our clock: a moment of output may be nowhere any more. */
  readonly engineKills: number[];
  /** When its disk was filled up: what is started then fails, and says so. */
  readonly diskFills: number[];
  close(): Promise<void>;
}
