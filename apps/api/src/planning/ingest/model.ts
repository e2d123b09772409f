/** What ingest is told and what it answers: rows that are locked, reports of hosts; the rows' next state, log pieces, events. */

import type { LogStream } from '@berth/shared/events/console-socket';
import type { BerthEvent } from '@berth/shared/events/event';
import type { Desired } from '@berth/shared/model/desired';
import type { Phase } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { Health, OnHostLost } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';
import type { LogOffsets, Report } from '@berth/shared/protocol/agent';
import type { AttemptStatus } from '../status/apply-report.ts';

/** All that one host has said since its last batch, in its order. */
export interface HostReports {
  hostId: string;
  sessionId: string;
  /** The generation that the agent last confirmed to this session; null: none yet. */
  acked: number | null;
  reports: readonly Report[];
}

export interface HostState {
  id: string;
  name: string;
  sessionId: string | null;
  /** As stored: what its agent confirmed since may be written later. */
  ackedGeneration: number;
  ready: boolean;
  /** Milliseconds since it was last seen, as stored. */
  unseenMs: number;
}

/** An attempt with its run, as stored. */
export interface AttemptState {
  id: string;
  runId: string;
  workspaceId: string;
  hostId: string;
  number: number;
  desired: Desired;
  released: boolean;
  changedGeneration: number;
  hasPorts: boolean;
  /** Stopped because its host is drained. */
  evicted: boolean;
  /** Its run was deleted: its host is to remove the container. */
  removeContainer: boolean;
  stopGraceSeconds: number;
  stdoutBytes: number;
  stderrBytes: number;
  /** Of all attempts of the run together. */
  runLogBytes: number;
  status: AttemptStatus;
  run: {
    /** False: the run has a later attempt; this one no longer speaks for it. */
    current: boolean;
    desired: Desired;
    /** Started again wherever and however its container ends. */
    restartsAlways: boolean;
    /** What becomes of it where nobody knows what has become of its attempt. */
    onHostLost: OnHostLost;
    generation: number;
    observedGeneration: number;
    phaseTimes: Partial<Record<Phase, string>>;
    waiting: Waiting | null;
  };
}

/** A piece of a run's log to be stored. */
export interface LogPiece {
  runId: string;
  workspaceId: string;
  attemptNumber: number;
  stream: LogStream;
  position: number;
  streamOffset: number;
  at: string;
  /** Their bytes together are one stored chunk; empty where bytes were dropped. */
  data: Uint8Array<ArrayBuffer>[];
  length: number;
  dropped: number;
  droppedReason: string | null;
  /** How many were dropped is not known. */
  droppedAtLeast?: boolean;
}

/** The status of a run, as its present attempt has it. */
export interface RunStatusUpdate {
  id: string;
  phase: Phase;
  reason: Reason;
  message: string;
  waiting: Waiting | null;
  exitCode: number | null;
  signal: string | null;
  oomKilled: boolean;
  imageDigest: string | null;
  startedAt: string | null;
  finishedAt: string | null;
  phaseTimes: Partial<Record<Phase, string>>;
  observedGeneration: number;
  restarts: number;
  health: Health['status'] | null;
  /** It is placed again: it has no attempt until then. */
  again: boolean;
}

export type ReportResult =
  /** Of another session than the one that may report: nothing of it was used. */
  { stale: true } | { stale: false; logs: LogOffsets[]; unknown: string[] };

type Reported = 'run.phase' | 'run.restarting' | 'run.health' | 'run.replacing';
export type IngestEvent = {
  [T in Reported]: { type: T; runId: string; workspaceId: string; data: Extract<BerthEvent, { type: T }>['data'] };
}[Reported];

export interface IngestPlan {
  logs: LogPiece[];
  /** The new length of the merged log of each run whose log has grown. */
  logLengths: ReadonlyMap<string, number>;
  /** Attempts with more log and nothing else. */
  grown: AttemptState[];
  /** Attempts with another status, and perhaps more log. */
  changed: (AttemptState & { release: boolean })[];
  runs: RunStatusUpdate[];
  events: IngestEvent[];
  /** Hosts to be written: what they confirmed, and that they were seen. */
  seen: { hostId: string; sessionId: string; generation: number }[];
  /** A result for each report, by session, in the order of its reports: an old session's and its successor's may share a batch. */
  results: Map<string, ReportResult[]>;
  /** No order of true reports leads to these. */
  illegal: string[];
}
