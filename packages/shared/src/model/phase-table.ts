/**
 * The one table of phases (law L4). It drives the api, the agent, the badges of the console and docs/nomenclature.md.
 * A phase never moves backwards; several steps may be skipped at once, because a report can be coalesced.
 * A container that is started again begins another life: the pair of (restarts, phase) never moves backwards.
 * Nothing is imported here: the console takes it into its first load.
 */
export const PHASES = [
  'queued',
  'assigned',
  'pulling',
  'creating',
  'restarting',
  'starting',
  'running',
  'stopping',
  'exited',
  'failed',
  'cancelled',
  'lost',
] as const;
export type Phase = (typeof PHASES)[number];

export const TERMINAL_PHASES = ['exited', 'failed', 'cancelled', 'lost'] as const satisfies readonly Phase[];
export type TerminalPhase = (typeof TERMINAL_PHASES)[number];
export const ACTIVE_PHASES = PHASES.filter((phase): phase is Exclude<Phase, TerminalPhase> => !isTerminal(phase));

export function isTerminal(phase: Phase): phase is TerminalPhase {
  return (TERMINAL_PHASES as readonly Phase[]).includes(phase);
}

/** What each phase may become. An end becomes nothing. */
export const TRANSITIONS: Record<Phase, readonly Phase[]> = {
  queued: ['assigned', 'failed', 'cancelled'],
  assigned: ['pulling', 'creating', 'starting', 'running', 'stopping', 'exited', 'failed', 'cancelled', 'lost'],
  pulling: ['creating', 'starting', 'running', 'stopping', 'exited', 'failed', 'cancelled', 'lost'],
  creating: ['starting', 'running', 'stopping', 'exited', 'failed', 'cancelled', 'lost'],
  restarting: ['starting', 'running', 'stopping', 'exited', 'failed', 'lost'],
  starting: ['running', 'stopping', 'exited', 'failed', 'cancelled', 'lost'],
  running: ['stopping', 'exited', 'failed', 'lost'],
  stopping: ['exited', 'failed', 'cancelled', 'lost'],
  exited: [],
  failed: [],
  cancelled: [],
  lost: [],
};

export type TransitionResult =
  /** `from` may become `to`. */
  | 'ok'
  /** Already there: details (message, exit code) of the same phase may be refreshed. */
  | 'same'
  /** The report is older than what is known; drop it. */
  | 'stale'
  /** No order of true reports leads here; drop it and log it. */
  | 'illegal';

/** Never throws. */
export function transition(from: Phase, to: Phase): TransitionResult {
  if (from === to) return isTerminal(from) ? 'stale' : 'same';
  if (TRANSITIONS[from].includes(to)) return 'ok';
  if (isTerminal(from)) return isTerminal(to) ? 'illegal' : 'stale';
  return PHASES.indexOf(to) < PHASES.indexOf(from) ? 'stale' : 'illegal';
}

/** A phase with the number of times that the container had been started again by then. */
export interface LifePhase {
  restarts: number;
  phase: Phase;
}

/** As `transition`, over lives: only one that is not at its end begins another, and it begins by waiting for its start. Never throws. */
export function transitionOfLives(from: LifePhase, to: LifePhase): TransitionResult {
  if (to.restarts === from.restarts) return transition(from.phase, to.phase);
  if (to.restarts < from.restarts) return isTerminal(to.phase) ? 'illegal' : 'stale';
  if (isTerminal(from.phase)) return isTerminal(to.phase) ? 'illegal' : 'stale';
  return to.phase === 'restarting' || TRANSITIONS.restarting.includes(to.phase) ? 'ok' : 'illegal';
}

/** Its container was started once, or may have been. */
export const mayHaveStarted = (phase: Phase): boolean => PHASES.indexOf(phase) >= PHASES.indexOf('restarting');
