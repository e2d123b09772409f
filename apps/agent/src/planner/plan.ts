/**
 * PURE. (desired, observed, progress, now) → steps. Carrying a plan out makes no choices.
 *
 * Invariants, held by property tests:
 * - a converged state plans nothing;
 * - an attempt is started only while its container was never started, or to begin another life of the same container after one
 *   whose end is reckoned with; and never where a start may have been sent before and the container is gone, or the engine went away
 *   before it answered (law L5);
 * - nothing is launched while a container that is no longer assigned here still runs;
 * - what is fenced does not run while the api was not heard for longer than its limit.
 */
import { isTerminal, mayHaveStarted } from '@berth/shared/model/phase';
import { DEFAULT_STOP_GRACE_SECONDS } from '@berth/shared/model/run';
import type { Assignment } from '@berth/shared/protocol/agent';
import { planCollection } from './collect.ts';
import { doubtIsToCome, restartIsToCome, retryIsToCome } from './due.ts';
import { isBetweenLives, type Lives } from './lives.ts';
import { freshProgress, type ObservedContainer, type Plan, type PlanInput, type Progress, type Step } from './model.ts';

interface Slots {
  /** More attempts may go from pulled to created. */
  creates: number;
  starts: number;
  /** False while a container that is no longer assigned still runs. */
  open: boolean;
}

export function plan(input: PlanInput): Plan {
  if (!input.observed) return { steps: [], wakeAt: null };
  const steps: Step[] = [];
  const wake = new Alarm(input.now);
  const strays = planUnassigned(input, steps);
  const slots = { ...countSlots(input), open: !strays && input.confirmed };
  // ULIDs sort by creation: who came first is launched first.
  for (const attemptId of [...input.assignments.keys()].sort()) {
    const assignment = input.assignments.get(attemptId);
    if (!assignment) continue;
    const step = planAttempt(assignment, input, slots, wake);
    if (step) steps.push(step);
  }
  steps.push(...planCollection(input, wake.set));
  return { steps, wakeAt: wake.at };
}

class Alarm {
  at: number | null = null;
  readonly #now: number;
  constructor(now: number) {
    this.#now = now;
  }
  readonly set = (at: number): void => {
    if (at > this.#now && (this.at === null || at < this.at)) this.at = at;
  };
}

/** Steps against what is no longer assigned; true while any of it still runs. Nothing is judged unassigned before the set is confirmed. */
function planUnassigned(input: PlanInput, steps: Step[]): boolean {
  if (!input.confirmed) return false;
  let running = false;
  for (const [attemptId, progress] of input.progress) {
    if (input.assignments.has(attemptId)) continue;
    if (progress.busy === 'pull') {
      if (!progress.pullAborted) steps.push({ step: 'abortPull', attemptId });
    } else if (progress.busy === null && !input.containers.has(attemptId)) steps.push({ step: 'forget', attemptId });
  }
  for (const [attemptId, container] of input.containers) {
    if (input.assignments.has(attemptId)) continue;
    const progress = input.progress.get(attemptId);
    if (container.state === 'running') running = true;
    if (progress && (progress.busy !== null || waits(progress, input.now))) continue;
    const { containerId } = container;
    if (container.state === 'running') {
      if (!progress?.stopping) {
        steps.push({ step: 'stop', attemptId, containerId, graceSeconds: DEFAULT_STOP_GRACE_SECONDS, cause: 'unassigned' });
      }
    } else if (container.state === 'created' || progress?.stopping?.cause === 'unassigned')
      steps.push({ step: 'remove', attemptId, containerId });
  }
  return running;
}

function countSlots(input: PlanInput): { creates: number; starts: number } {
  let launching = 0;
  let starting = 0;
  for (const [attemptId, progress] of input.progress) {
    const created = input.containers.get(attemptId)?.state === 'created' && !progress.ended;
    if (
      created ||
      (progress.busy === 'pull' && progress.creatingEarly) ||
      progress.busy === 'create' ||
      progress.busy === 'attach' ||
      progress.busy === 'start'
    )
      launching++;
    if (progress.busy === 'start') starting++;
  }
  return { creates: input.limits.launches - launching, starts: input.limits.launches - starting };
}

const waits = (progress: Progress, now: number): boolean => retryIsToCome(progress.retryAt, now);

const CLOSED: Readonly<Slots> = { creates: 0, starts: 0, open: false };

function planAttempt(assignment: Assignment, input: PlanInput, allSlots: Slots, wake: Alarm): Step | null {
  const slots = fenceLeft(assignment, input) > 0 ? allSlots : CLOSED;
  const { attemptId } = assignment;
  const progress = input.progress.get(attemptId) ?? freshProgress();
  const container = input.containers.get(attemptId);
  if (progress.ended) return null;
  if (retryIsToCome(progress.retryAt, input.now)) {
    wake.set(progress.retryAt);
    return null;
  }
  if (isTerminal(assignment.phase)) return container?.state === 'running' ? stopStep(assignment, container, progress, 'kill') : null;
  if (progress.busy !== null && !(progress.busy === 'conclude' || container?.state === 'running')) {
    if (progress.busy === 'pull' && ends(assignment) && !progress.pullAborted) return { step: 'abortPull', attemptId };
    return null;
  }
  switch (container?.state) {
    case 'ended':
      return progress.busy ? null : planEnded(assignment, container, progress, input, slots, wake);
    case 'running':
      return planRunning(assignment, container, progress, input, wake);
    case 'created':
      return planCreated(assignment, container, progress, input, slots, wake);
    case undefined:
      return planAbsent(assignment, progress, input.confirmed, slots);
  }
}

/** It has ended: that is reckoned with first; then it is started again, where that is to be, and when it is time. */
function planEnded(
  assignment: Assignment,
  container: ObservedContainer,
  progress: Progress,
  input: PlanInput,
  slots: Slots,
  wake: Alarm,
): Step | null {
  const { containerId } = container;
  const lives = input.lives.get(assignment.attemptId);
  // What an earlier process had reckoned with, but may not have read to its end, is read again first.
  if (!lives || !isBetweenLives(container, lives) || !progress.drained || ends(assignment))
    return { step: 'conclude', assignment, containerId };
  if (progress.doubtUntil !== null) return planDoubt(assignment, containerId, progress.doubtUntil, input.now, wake);
  const asked = assignment.restartRequests > lives.requestsMet;
  if (!asked && restartIsToCome(lives.restartAt, input.now)) {
    wake.set(lives.restartAt);
    return null;
  }
  return slots.open ? planStart(assignment, containerId, progress, slots) : null;
}

function planStart(assignment: Assignment, containerId: string, progress: Progress, slots: Slots): Step | null {
  if (!progress.attached) return { step: 'attach', assignment, containerId };
  if (slots.starts <= 0) return null;
  slots.starts--;
  return { step: 'start', assignment, containerId };
}

function planRunning(assignment: Assignment, container: ObservedContainer, progress: Progress, input: PlanInput, wake: Alarm): Step | null {
  const { containerId } = container;
  const { now } = input;
  if (assignment.desired === 'stop' || assignment.desired === 'kill') {
    const step = stopStep(assignment, container, progress, assignment.desired);
    if (step) return step;
  }
  if (!progress.stopping && !ends(assignment)) {
    const left = fenceLeft(assignment, input);
    if (left <= 0)
      return { step: 'stop', attemptId: assignment.attemptId, containerId, graceSeconds: graceSeconds(assignment), cause: 'fenced' };
    if (left < Number.POSITIVE_INFINITY) wake.set(now + left * 1000);
  }
  if (!progress.attached && progress.busy === null) return { step: 'adopt', assignment, containerId };
  if (!progress.stopping && !ends(assignment) && asksForRestart(assignment, input.lives.get(assignment.attemptId))) {
    return {
      step: 'stop',
      attemptId: assignment.attemptId,
      containerId,
      graceSeconds: graceSeconds(assignment),
      cause: 'restart-requested',
    };
  }
  const still = assignment.desired === 'pause';
  // A stop lets it go on by itself: the engine sends its signal and thaws it.
  if (progress.busy === null && !progress.stopping && !ends(assignment) && (container.paused ?? false) !== still) {
    return { step: 'hold', assignment, containerId, still };
  }
  if (assignment.spec.timeoutSeconds !== undefined && container.startedAt !== null && !progress.stopping) {
    const deadline = container.startedAt + assignment.spec.timeoutSeconds * 1000;
    if (deadline <= now) {
      return { step: 'stop', attemptId: assignment.attemptId, containerId, graceSeconds: graceSeconds(assignment), cause: 'timed-out' };
    }
    wake.set(deadline);
  }
  return null;
}

function stopStep(assignment: Assignment, container: ObservedContainer, progress: Progress, desired: 'stop' | 'kill'): Step | null {
  const { attemptId } = assignment;
  const { containerId } = container;
  if (desired === 'kill') return progress.stopping?.killed ? null : { step: 'kill', attemptId, containerId, cause: 'kill-requested' };
  if (progress.stopping) return null;
  return { step: 'stop', attemptId, containerId, graceSeconds: graceSeconds(assignment), cause: 'stop-requested' };
}

/** Seconds until it may no longer run without a word of the api. */
const fenceLeft = ({ fenceAfterSeconds }: Assignment, { contactAge }: PlanInput): number =>
  fenceAfterSeconds === undefined ? Number.POSITIVE_INFINITY : fenceAfterSeconds - contactAge;

const asksForRestart = ({ restartRequests }: Assignment, lives: Lives | undefined): boolean => restartRequests > (lives?.requestsMet ?? 0);

const ends = ({ desired }: Assignment): boolean => desired === 'stop' || desired === 'kill';

const graceSeconds = (assignment: Assignment): number => assignment.spec.stopGracePeriodSeconds ?? DEFAULT_STOP_GRACE_SECONDS;

/** What an engine that is there all the time had begun shows within moments. */
function planDoubt(assignment: Assignment, containerId: string, until: number, now: number, wake: Alarm): Step | null {
  if (!doubtIsToCome(until, now)) return { step: 'doubt', assignment, containerId };
  wake.set(until);
  return null;
}

function planCreated(
  assignment: Assignment,
  container: ObservedContainer,
  progress: Progress,
  { now, lives }: PlanInput,
  slots: Slots,
  wake: Alarm,
): Step | null {
  const { containerId } = container;
  if (progress.doubtUntil !== null) return planDoubt(assignment, containerId, progress.doubtUntil, now, wake);
  if (ends(assignment)) return cancelled(assignment);
  if (!slots.open) return null;
  // Its first life may be over without a trace.
  const restartAt = lives.get(assignment.attemptId)?.restartAt ?? null;
  if (restartIsToCome(restartAt, now)) {
    wake.set(restartAt);
    return null;
  }
  // Created by an earlier process, perhaps before the registry had answered for its image: it never ran, so make it anew.
  if (!progress.imageReady && !progress.startMarked) return { step: 'remove', attemptId: assignment.attemptId, containerId };
  return planStart(assignment, containerId, progress, slots);
}

function planAbsent(assignment: Assignment, progress: Progress, confirmed: boolean, slots: Slots): Step | null {
  if (progress.startMarked || mayHaveStarted(assignment.phase)) {
    // Removed by somebody, or a hand was laid on the engine's storage. It may have run: it is not started again.
    const message = 'the container is no longer on the host: somebody removed it, or the engine lost it';
    return confirmed ? { step: 'finish', assignment, phase: 'lost', reason: 'container-gone', message } : null;
  }
  if (ends(assignment)) return cancelled(assignment);
  if (!slots.open) return null;
  if (!progress.imageReady) {
    const createEarly = slots.creates > 0;
    if (createEarly) slots.creates--;
    return { step: 'pull', assignment, createEarly };
  }
  if (slots.creates <= 0) return null;
  slots.creates--;
  return { step: 'create', assignment };
}

function cancelled(assignment: Assignment): Step {
  return { step: 'finish', assignment, phase: 'cancelled', reason: 'cancelled', message: 'cancelled before its container started' };
}
