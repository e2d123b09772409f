/**
 * The one map from a phase to how it looks: colour, shape and word. Badges, charts and docs/nomenclature.md follow it.
 * A colour never stands alone; the shape and the word say the same.
 */
import type { HostUpdateState } from '@berth/shared/model/agent-update';
import type { HostState } from '@berth/shared/model/host';
import type { HostMark } from '@berth/shared/model/host-map';
import type { Phase } from '@berth/shared/model/phase-table';
import type { RunStatus } from '@berth/shared/model/run';

export const SHAPES = ['open', 'quarter', 'half', 'full', 'lower-half', 'check', 'cross', 'barred', 'dash'] as const;
export type Shape = (typeof SHAPES)[number];
export const TONES = ['grey', 'blue', 'green', 'amber', 'done', 'red', 'purple'] as const;
export type Tone = (typeof TONES)[number];

export interface Look {
  tone: Tone;
  shape: Shape;
  word: string;
}

const PHASE_LOOKS: Record<Phase, Look> = {
  queued: { tone: 'grey', shape: 'open', word: 'Queued' },
  assigned: { tone: 'blue', shape: 'open', word: 'Assigned' },
  pulling: { tone: 'blue', shape: 'quarter', word: 'Pulling' },
  creating: { tone: 'blue', shape: 'quarter', word: 'Creating' },
  restarting: { tone: 'amber', shape: 'quarter', word: 'Restarting' },
  starting: { tone: 'blue', shape: 'half', word: 'Starting' },
  running: { tone: 'green', shape: 'full', word: 'Running' },
  stopping: { tone: 'amber', shape: 'lower-half', word: 'Stopping' },
  exited: { tone: 'done', shape: 'check', word: 'Exited' },
  failed: { tone: 'red', shape: 'cross', word: 'Failed' },
  cancelled: { tone: 'grey', shape: 'dash', word: 'Cancelled' },
  lost: { tone: 'purple', shape: 'barred', word: 'Lost' },
};

export function lookOfPhase(phase: Phase): Look {
  return PHASE_LOOKS[phase];
}

const UNHEALTHY: Look = { tone: 'red', shape: 'full', word: 'Unhealthy' };
const PAUSED: Look = { tone: 'amber', shape: 'half', word: 'Paused' };

/** Of a run with its health: a check that fails is seen before anything else. */
export function lookOfStatus({ phase, exitCode, reason, health }: Pick<RunStatus, 'phase' | 'exitCode' | 'reason' | 'health'>): Look {
  return phase === 'running' && health === 'unhealthy' && reason !== 'paused' ? UNHEALTHY : lookOfRun(phase, exitCode, reason);
}

/** "Exited (0)" in grey-green, "Exited (3)" in red with a cross; a running one that is held still is paused. */
export function lookOfRun(phase: Phase, exitCode: number | null, reason?: string): Look {
  if (phase === 'running' && reason === 'paused') return PAUSED;
  const look = PHASE_LOOKS[phase];
  if (phase !== 'exited' || exitCode === null) return look;
  const word = `Exited (${exitCode})`;
  return exitCode === 0 ? { ...look, word } : { tone: 'red', shape: 'cross', word };
}

const HOST_LOOKS: Record<HostState, Look> = {
  ready: { tone: 'green', shape: 'full', word: 'Ready' },
  'not-ready': { tone: 'amber', shape: 'barred', word: 'Not ready' },
  lost: { tone: 'purple', shape: 'barred', word: 'Lost' },
};

export function lookOfHost(state: HostState): Look {
  return HOST_LOOKS[state];
}

const HOST_UPDATE_LOOKS: Record<HostUpdateState, Look> = {
  waiting: { tone: 'grey', shape: 'open', word: 'Waiting' },
  asking: { tone: 'blue', shape: 'quarter', word: 'Asking' },
  updating: { tone: 'blue', shape: 'half', word: 'Updating' },
  done: { tone: 'done', shape: 'check', word: 'Done' },
  failed: { tone: 'red', shape: 'cross', word: 'Failed' },
  skipped: { tone: 'amber', shape: 'dash', word: 'Skipped' },
  cancelled: { tone: 'grey', shape: 'dash', word: 'Cancelled' },
};

/** Of a host in an update of agents. */
export function lookOfHostUpdate(state: HostUpdateState): Look {
  return HOST_UPDATE_LOOKS[state];
}

/** Beside the state of a host, which they do not change. */
export const WAITS_FOR_APPROVAL: Look = { tone: 'amber', shape: 'open', word: 'Waits for approval' };
export const CORDONED: Look = { tone: 'amber', shape: 'dash', word: 'Cordoned' };
const MARK_LOOKS: Record<HostMark, Look> = {
  unapproved: WAITS_FOR_APPROVAL,
  cordoned: CORDONED,
  draining: { tone: 'amber', shape: 'lower-half', word: 'Draining' },
  drained: { tone: 'amber', shape: 'half', word: 'Drained' },
};

export function lookOfMark(mark: HostMark): Look {
  return MARK_LOOKS[mark];
}

/** Tailwind reads whole class names, so they are spelled out. */
export const TONE_TEXT: Record<Tone, string> = {
  grey: 'text-state-grey',
  blue: 'text-state-blue',
  green: 'text-state-green',
  amber: 'text-state-amber',
  done: 'text-state-done',
  red: 'text-state-red',
  purple: 'text-state-purple',
};
export const TONE_FILL: Record<Tone, string> = {
  grey: 'bg-state-grey',
  blue: 'bg-state-blue',
  green: 'bg-state-green',
  amber: 'bg-state-amber',
  done: 'bg-state-done',
  red: 'bg-state-red',
  purple: 'bg-state-purple',
};
