/** What an attempt waits for, in each phase (law L6). */
import type { Desired } from '@berth/shared/model/desired';
import { isTerminal, type Phase } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import type { OnHostLost } from '@berth/shared/model/run';
import type { Waiting } from '@berth/shared/model/waiting';
import { lossDueAt } from '../host-loss/loss-due.ts';
import { atUtc } from './at-utc.ts';
import { pullSentence } from './pull-sentence.ts';

export interface WaitingAttempt {
  phase: Phase;
  reason: Reason;
  message: string;
  desired: Desired;
  pull: Pull | null;
  /** When its phase began. */
  since: string;
  stopGraceSeconds: number;
  /** When its container is started again, where it waits for that. */
  restartAt: string | null;
  /** Until when its agent tries again, where something that may pass is in its way. */
  retryUntil: string | null;
  onHostLost: OnHostLost;
  /** The run's own time until its host counts as lost. */
  lostAfterSeconds: number | null;
}

export interface WaitingHost {
  name: string;
  ready: boolean;
  connected: boolean;
  stateMessage: string;
  lastSeenAt: Date | null;
  /** When it became not ready; `since` of the wait. */
  changedAt: string;
  /** Null while it is heard. */
  silence: { since: number; lost: boolean; braked: boolean; lostSeconds: number } | null;
}

/** Null: it waits for nothing. */
export function waitingOf(attempt: WaitingAttempt, host: WaitingHost): Waiting | null {
  if (!host.ready) return waitingForHost(attempt, host);
  const { since } = attempt;
  if (attempt.retryUntil !== null && !isTerminal(attempt.phase)) {
    const next = 'It is tried again every few seconds until then, and fails if that does not help.';
    return { reason: attempt.reason, message: attempt.message, since, deadline: attempt.retryUntil, next };
  }
  switch (attempt.phase) {
    case 'assigned': {
      const ends = attempt.desired === 'stop' || attempt.desired === 'kill';
      const what = ends ? 'stop it' : 'take it';
      const next = ends ? 'It ends once the agent has answered.' : 'It starts once the agent has taken it.';
      return { reason: 'waiting-for-agent', message: `waiting for the agent of ${host.name} to ${what}`, since, deadline: null, next };
    }
    case 'pulling':
      return {
        reason: attempt.reason,
        message: attempt.pull?.state === 'pulling' && attempt.reason === 'pulling-image' ? pullSentence(attempt.pull) : attempt.message,
        since,
        deadline: null,
        next: 'The container is created once the image is there.',
      };
    case 'stopping':
      return {
        reason: attempt.reason,
        message: attempt.message,
        since,
        deadline: new Date(Date.parse(since) + attempt.stopGraceSeconds * 1000).toISOString(),
        next: `It is killed if it has not ended by itself after ${attempt.stopGraceSeconds} s.`,
      };
    case 'restarting':
      return { reason: attempt.reason, message: attempt.message, since, deadline: null, next: startsAgain(attempt.restartAt) };
    case 'running':
      if (attempt.reason !== 'paused') return null;
      return { reason: 'paused', message: attempt.message, since, deadline: null, next: 'It goes on once somebody resumes it.' };
    // These take milliseconds on an engine that answers, and one that does not makes its host not ready.
    case 'creating':
    case 'starting':
    case 'queued':
    case 'exited':
    case 'failed':
    case 'cancelled':
    case 'lost':
      return null;
  }
}

function startsAgain(at: string | null): string {
  return at === null ? 'Its container is started again.' : `Its container is started again at ${at.slice(11, 19)} UTC.`;
}

/** The time is absolute, so that the sentence is written once and stays true. */
function waitingForHost(attempt: WaitingAttempt, host: WaitingHost): Waiting | null {
  const { phase } = attempt;
  if (phase === 'exited' || phase === 'failed' || phase === 'cancelled' || phase === 'lost' || phase === 'queued') return null;
  const { deadline, next } = untilWhen(attempt, host);
  const base = { since: host.changedAt, deadline, next };
  if (host.connected) return { ...base, reason: 'waiting-for-engine', message: `waiting for host ${host.name}: ${host.stateMessage}` };
  return {
    ...base,
    reason: 'waiting-for-host',
    message: `waiting for host ${host.name}, ${lastSeen(host.lastSeenAt)}: ${host.stateMessage}`,
  };
}

/** At most once or placed again: what its spec says is said here in plain words. */
function untilWhen(attempt: WaitingAttempt, { name, silence }: WaitingHost): Pick<Waiting, 'deadline' | 'next'> {
  const { phase, desired, onHostLost, lostAfterSeconds } = attempt;
  if (silence === null) {
    const next = phase === 'running' ? 'Its state is known again once the host is back.' : 'It goes on by itself once the host is back.';
    return { deadline: null, next };
  }
  if (onHostLost === 'wait' || desired === 'pause') {
    return { deadline: null, next: 'It goes on when the host is back, or ends as lost when somebody says that the host is gone.' };
  }
  const due = lossDueAt(silence.since, lostAfterSeconds ?? silence.lostSeconds, silence.braked && !silence.lost);
  const deadline = new Date(due).toISOString();
  if (desired !== 'run') return { deadline, next: `Its end was asked for: unless ${name} is back by then, it ends as lost.` };
  return { deadline, next: `Unless ${name} is back by then, it is placed on another host, as soon as one has room for it.` };
}

export function lastSeen(at: Date | null): string {
  return at === null ? 'not seen yet' : `last seen ${atUtc(at)}`;
}
