/** PURE. What follows when a container has ended: the end of its attempt, or another life of the same container. */

import type { Failure } from '@berth/shared/errors/outcome';
import type { Desired } from '@berth/shared/model/desired';
import { formatSeconds } from '@berth/shared/model/duration-text';
import { type Exit, RESTART_PAUSE_SECONDS, type RunSpec } from '@berth/shared/model/run';
import { MAX_REPORT_EXITS } from '@berth/shared/protocol/agent';
import { concludeExit, type ExitConclusion } from './conclude-exit.ts';
import type { ObservedContainer, StopCause } from './model.ts';

export interface LifeStart {
  at: number;
  stdout: number;
  stderr: number;
}
/** So many are kept, and so many ends that wait to be acknowledged. */
export const KEPT_STARTS = 10;

/** Of an attempt whose container can be started more than once; on disk with the ledger. Times in milliseconds since 1970. */
export interface Lives {
  /** Starts after the first one, those that are only decided included. */
  restarts: number;
  /** The end that is reckoned with already, as the engine has its time; null while the present life has not been seen to end. */
  endedAt: number | null;
  /** When it is started again; null where it is not to be. */
  restartAt: number | null;
  /** Restarts by the policy one after the other, without ten good minutes between. */
  streak: number;
  /** Requests for a restart that are met. */
  requestsMet: number;
  /** Where the output of the last lives begins: in the engine's record by time, in the streams by bytes. The first life has none: both at their beginning. */
  starts: LifeStart[];
  /** Ends that the api has not acknowledged. */
  exits: Exit[];
}

export const FIRST_LIFE: Lives = { restarts: 0, endedAt: null, restartAt: null, streak: 0, requestsMet: 0, starts: [], exits: [] };

export interface EndedLife {
  container: ObservedContainer;
  spec: RunSpec;
  lives: Lives;
  /** Why this process stopped it; null where it did not, or does not know. */
  cause: StopCause | null;
  desired: Desired;
  /** This process has listened to it all the time: without a cause it ended by itself, whatever was wished meanwhile. */
  listened: boolean;
  /** How often a restart was asked for. */
  restartRequests: number;
  now: number;
  /** From 0 to 1: hosts that lost the same database do not all come back in the same moment. */
  chance: number;
}

export type AfterEnd =
  | { restart: false; conclusion: ExitConclusion }
  | { restart: true; lives: Lives; conclusion: ExitConclusion; message: string };

export function afterEnd(ended: EndedLife): AfterEnd {
  const { container, spec, lives, now } = ended;
  const asked = ended.restartRequests > lives.requestsMet;
  const ends = ended.desired === 'stop' || ended.desired === 'kill';
  // An earlier process may have stopped it for that. Whoever asked for its end meanwhile is heard instead.
  const restartMeant = asked && !ends && (ended.cause === null || ended.cause === 'restart-requested');
  const cause = restartMeant ? 'restart-requested' : ended.cause === 'restart-requested' ? null : ended.cause;
  const conclusion = concludeExit(container, spec, cause, ended.listened ? 'run' : ended.desired);
  const stays = { restart: false, conclusion } as const;
  if (ends || cause === 'unassigned' || conclusion.phase !== 'exited') return stays;
  const again = { ...lives, restarts: lives.restarts + 1, endedAt: container.finishedAt, requestsMet: ended.restartRequests };
  const exit = exitOf(conclusion, container, again.restarts);
  if (restartMeant) {
    const message = `${conclusion.message}; it is started again now`;
    return { restart: true, conclusion, message, lives: { ...again, restartAt: now, streak: 0, exits: keptExits(lives, exit) } };
  }
  if (cause === 'fenced') {
    const message = `${conclusion.message}; it is started again once it is confirmed that it is still wanted here`;
    return { restart: true, conclusion, message, lives: { ...again, restartAt: now, streak: 0, exits: keptExits(lives, exit) } };
  }
  if (!wantsRestart(spec, conclusion)) return stays;
  const streak = ranWell(container) ? 0 : lives.streak;
  const most = spec.restart?.maxRetries;
  if (most !== undefined && streak >= most) {
    const message = `${conclusion.message}; not started again: ${most} ${most === 1 ? 'restart' : 'restarts'} did not help`;
    return { restart: false, conclusion: { ...conclusion, message } };
  }
  const pause = pauseBefore(streak, ended.chance);
  const count = most === undefined ? `restart ${again.restarts}` : `restart ${streak + 1} of ${most}`;
  const message = `${conclusion.message}; ${count} in ${formatSeconds(pause / 1000)}`;
  const next = { ...again, restartAt: now + pause, streak: streak + 1, exits: keptExits(lives, exit) };
  return { restart: true, conclusion, message, lives: next };
}

export interface RefusedStart {
  /** Between two lives: it has ended, and its next life was about to begin. Or created, and its first one was. */
  container: ObservedContainer;
  spec: RunSpec;
  lives: Lives;
  failure: Extract<Failure, { kind: 'cannot-ever' }>;
  /** What is said of this life. */
  message: string;
  now: number;
  chance: number;
}

/**
 * The engine would not start it again: a port that somebody has taken meanwhile, a full disk. What asks for a restart after each end asks for one after
 * this too. Null: the attempt fails. `docker run` has 125 where its engine refuses without a code of its own.
 */
export function afterRefusedStart(refused: RefusedStart): { lives: Lives; message: string; exitCode: number } | null {
  const { container, spec, lives, failure, message, now, chance } = refused;
  const exitCode = failure.exitCode ?? 125;
  const conclusion: ExitConclusion = {
    phase: 'exited',
    reason: failure.reason,
    message,
    exitCode,
    signal: null,
    oomKilled: false,
  };
  const most = spec.restart?.maxRetries;
  if (!wantsRestart(spec, conclusion) || (most !== undefined && lives.streak >= most)) return null;
  const restarts = lives.restarts + 1;
  const pause = pauseBefore(lives.streak, chance);
  const count = most === undefined ? `restart ${restarts}` : `restart ${lives.streak + 1} of ${most}`;
  const exit = exitOf(conclusion, { ...container, startedAt: null, finishedAt: now }, restarts);
  return {
    lives: { ...lives, restarts, restartAt: now + pause, streak: lives.streak + 1, exits: keptExits(lives, exit) },
    message: `${conclusion.message}; ${count} in ${formatSeconds(pause / 1000)}`,
    exitCode,
  };
}

const keptExits = ({ exits }: Lives, exit: Exit): Exit[] => [...exits, exit].slice(-MAX_REPORT_EXITS);

function wantsRestart({ restart }: RunSpec, { exitCode }: ExitConclusion): boolean {
  if (restart === undefined || restart.policy === 'never') return false;
  return restart.policy === 'always' || exitCode !== 0;
}

const ranWell = ({ startedAt, finishedAt }: ObservedContainer): boolean =>
  startedAt !== null && finishedAt !== null && finishedAt - startedAt >= RESTART_PAUSE_SECONDS.resetAfter * 1000;

/** Milliseconds; doubles with each, within a tenth more or less. Never above the longest. */
export function pauseBefore(streak: number, chance: number): number {
  const { first, most } = RESTART_PAUSE_SECONDS;
  const plain = Math.min(most, first * 2 ** Math.min(streak, 30));
  return Math.round(Math.min(most, plain * (0.9 + 0.2 * chance)) * 1000);
}

function exitOf(conclusion: ExitConclusion, container: ObservedContainer, number: number): Exit {
  const { reason, message, exitCode, signal, oomKilled } = conclusion;
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  return {
    number,
    reason,
    message,
    exitCode,
    signal,
    oomKilled,
    startedAt: time(container.startedAt),
    finishedAt: time(container.finishedAt),
  };
}

/**
 * Where the lives begin in the engine's record. The present one by the engine's own times, between the end before it and its start: the
 * clock of this process may have been another one since, and what is read of the record begins at a time.
 */
export function startsInRecord(container: ObservedContainer | null | undefined, lives: Lives): readonly LifeStart[] {
  const { starts, endedAt } = lives;
  const last = starts.at(-1);
  const startedAt = container?.startedAt ?? null;
  if (!container || !last || endedAt === null || startedAt === null || startedAt <= endedAt) return starts;
  if (isBetweenLives(container, lives)) return starts;
  return [...starts.slice(0, -1), { ...last, at: Math.floor((endedAt + startedAt) / 2) }];
}

/** It has ended, its end is reckoned with, and it waits to be started again. */
export const isBetweenLives = (container: ObservedContainer, lives: Lives | undefined): boolean =>
  container.state === 'ended' && lives?.restartAt != null && lives.endedAt === container.finishedAt;

const ORDER = { created: 0, running: 1, ended: 2 } as const;

/**
 * Whether what was seen of a container may come after what is known of it. Its states only move forward; from an end to another life only where that
 * end is reckoned with, or the life visibly began later: the clock may have been set back between two lives.
 */
export function mayFollow(known: ObservedContainer, seen: ObservedContainer, lives: Lives | undefined): boolean {
  if (known.containerId !== seen.containerId) return true;
  // The end of the life before the one that runs.
  if (known.state === 'running' && isBetweenLives(seen, lives)) return false;
  if (ORDER[known.state] <= ORDER[seen.state]) return true;
  if (known.state !== 'ended' || seen.state !== 'running') return false;
  const [before, began] = [known.startedAt ?? 0, seen.startedAt ?? 0];
  return began > before || (began !== before && isBetweenLives(known, lives));
}
