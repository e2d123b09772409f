/** What the steps' executors work with. The reconciler owns it; executors change it only through these methods. */
import type { Failure } from '@berth/shared/errors/outcome';
import type { Phase } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { Assignment } from '@berth/shared/protocol/agent';
import type { ContainerEngine, ContainerFate } from '../engine/container-engine.ts';
import type { AttemptOutput } from '../logs/attempt-output.ts';
import type { Offsets } from '../logs/output-buffer.ts';
import type { ObservedContainer, Progress } from '../planner/model.ts';
import type { SecretFiles } from '../secrets/secret-files.ts';
import type { Outbox } from '../session/outbox.ts';
import type { Ledger } from '../state/ledger.ts';
import type { SharedPulls } from './shared-pulls.ts';

/** An attempt as this process knows it: the planner's view, and facts for the reports. */
export interface AttemptState {
  progress: Progress;
  /** What the container is to be created from, exactly. */
  image: string | null;
  imageDigest: string | null;
  /** The image vanished between pull and create once already. */
  pulledAgain: boolean;
  /** Closes the request that waits for the container's end. */
  stopWaiting: (() => void) | null;
  /** The engine was there all the time between attach and end. */
  intact: boolean;
  failures: number;
}

export interface ReportDetail {
  exitCode?: number | null;
  signal?: string | null;
  oomKilled?: boolean;
  /** Milliseconds since 1970. */
  retryUntil?: number;
}

export interface World {
  readonly engine: ContainerEngine;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly pulls: SharedPulls;
  readonly secretFiles: SecretFiles;
  state(attemptId: string): AttemptState;
  container(attemptId: string): ObservedContainer | undefined;
  /** The engine went away before its container ended, and was not there again while it ran: whatever the clocks say. */
  endedUnwatched(attemptId: string): boolean;
  observe(container: ObservedContainer): void;
  gone(attemptId: string): void;
  /** The output of the attempt, made where there is none. */
  output(assignment: Assignment): AttemptOutput;
  /** What the api has of its output; waits for the first session of this process. */
  storedOffsets(attemptId: string): Promise<Offsets>;
  /** Waits until the api has told this process the values of the attempt's secrets, or that the attempt is no longer here. */
  secretsKnown(assignment: Assignment): Promise<void>;
  /** The end of a container that is waited for, or that its end will not be heard. */
  fate(attemptId: string, containerId: string, fate: ContainerFate): void;
  report(assignment: Assignment, phase: Phase, reason: Reason, message: string, detail?: ReportDetail): void;
  /** Why a launch failed: told as what it waits for while it is tried again, and turned into an end once that has lasted too long. */
  hindered(assignment: Assignment, failure: Failure): Failure;
  /** Its container has ended and is started again: another life begins, by waiting for its start. What follows it is in the ledger. */
  restarting(assignment: Assignment, message: string, detail: ReportDetail): void;
  /** Reports an end; nothing more is planned for the attempt. */
  end(assignment: Assignment, phase: Phase, reason: Reason, message: string, detail?: ReportDetail): void;
  forget(attemptId: string): void;
}

/** What became of a step: null, or why it failed. */
export type StepResult = Failure | null;
