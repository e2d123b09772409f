/**
 * The loop: observed + desired + progress → plan → execute → observed …
 *
 * Invariants:
 * - one pass at a time; a wake-up during a pass makes exactly one more (single flight);
 * - state is changed only here and through World's methods, all of them synchronous: no pass sees a half-made change;
 * - an attempt has one step under way, besides abortPull, stop and kill;
 * - nothing is planned before the engine was completely observed once since it last went away (law L3);
 * - nothing is started before the api confirmed the set to this process: an old ledger alone starts nothing, and neither does one from before
 *   a break in which something was stopped for want of contact.
 */
import type { Failure } from '@berth/shared/errors/outcome';
import { type Phase, transition } from '@berth/shared/model/phase';
import type { Reason } from '@berth/shared/model/reason';
import type { ApiMessage, Assignment } from '@berth/shared/protocol/agent';
import type { ContainerEngine, ContainerFate, EngineEvent } from './engine/container-engine.ts';
import { execute } from './executor/executor.ts';
import { SharedPulls } from './executor/shared-pulls.ts';
import type { AttemptState, ReportDetail, World } from './executor/world.ts';
import type { AgentLog } from './log.ts';
import { AttemptOutput, type AttemptOutputOptions } from './logs/attempt-output.ts';
import { OutputBudget } from './logs/output-budget.ts';
import type { Offsets } from './logs/output-buffer.ts';
import type { SpoolRoom } from './logs/spool-room.ts';
import { RETRY_MS } from './planner/due.ts';
import { isBetweenLives, mayFollow } from './planner/lives.ts';
import { DEFAULT_LIMITS, freshProgress, type ObservedContainer, type PlanLimits, type Progress, type Step } from './planner/model.ts';
import { patienceWith } from './planner/patience.ts';
import { plan } from './planner/plan.ts';
import { maskedText } from './secrets/masked-stream.ts';
import type { SecretFiles } from './secrets/secret-files.ts';
import { maskingOf } from './secrets/secret-values.ts';
import type { Contact } from './session/contact.ts';
import type { Outbox } from './session/outbox.ts';
import type { Ledger } from './state/ledger.ts';

/** Looked at again without a cause, for what no event told. */
const RESYNC_MS = 60_000;
/** So many launches at once are limited by the engine's processors, of which every report takes its part. */
const CROWD = 4;
/** setTimeout takes no more than 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface ReconcilerOptions {
  engine: ContainerEngine;
  ledger: Ledger;
  outbox: Outbox;
  log: AgentLog;
  contact: Contact;
  /** Something was stopped for want of contact: the set is to be confirmed anew. */
  fenced: () => void;
  limits?: PlanLimits;
  budget?: OutputBudget;
  secretFiles: SecretFiles;
  /** On the disk of the host, for output that waits. */
  spool: SpoolRoom;
  /** The ends of what the api has stored of an attempt's output. */
  storedTails: (attemptId: string) => ReturnType<AttemptOutputOptions['storedTails']>;
}

export class Reconciler implements World {
  readonly engine: ContainerEngine;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly pulls: SharedPulls;
  readonly secretFiles: SecretFiles;
  readonly #log: AgentLog;
  readonly #contact: Contact;
  readonly #fenced: () => void;
  readonly #limits: PlanLimits;
  readonly #budget: OutputBudget;
  readonly #spool: SpoolRoom;
  readonly #storedTails: ReconcilerOptions['storedTails'];
  readonly #states = new Map<string, AttemptState>();
  readonly #progress = new Map<string, Progress>();
  readonly #containers = new Map<string, ObservedContainer>();
  #observed = false;
  /** Attempts whose containers were not at an end when the engine went away, and were not seen alive since. */
  readonly #unwatched = new Set<string>();
  #confirmed = false;
  #observing: Promise<void> | null = null;
  #observeAgain = false;
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;
  #resync: NodeJS.Timeout | null = null;
  #closed = false;
  #launching = 0;
  #stored: Map<string, Offsets> | null = null;
  readonly #welcomed = Promise.withResolvers<void>();
  /** The first set of this process is here: with the secrets, which the ledger does not keep. */
  readonly #told = Promise.withResolvers<void>();

  constructor(options: ReconcilerOptions) {
    this.engine = options.engine;
    this.ledger = options.ledger;
    this.outbox = options.outbox;
    this.pulls = new SharedPulls(options.engine);
    this.secretFiles = options.secretFiles;
    this.#log = options.log;
    this.#contact = options.contact;
    this.#fenced = options.fenced;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#budget = options.budget ?? new OutputBudget();
    this.#spool = options.spool;
    this.#storedTails = options.storedTails;
    for (const attemptId of this.ledger.assignments.keys()) this.state(attemptId);
  }

  // ── what happens outside ──

  welcomed({ logs }: ApiMessage<'welcome'>): void {
    this.#stored = new Map(logs.map(({ attemptId, stdout, stderr }) => [attemptId, { stdout, stderr }]));
    this.#welcomed.resolve();
  }

  /** False where the api has to send the whole set. On true the set is durable. */
  async assigned(message: ApiMessage<'assign'>): Promise<boolean> {
    if (!this.ledger.accept(message)) return false;
    // The first message after a handshake is the whole set; a delta that fits confirms the ledger as well.
    this.#confirmed = true;
    this.#told.resolve();
    for (const { attemptId } of message.put) this.state(attemptId);
    const saved = this.ledger.saved();
    this.#pass();
    await saved;
    return true;
  }

  /** The api has answered what was said at this time of the machine. */
  heard(saidAt: number): void {
    this.#contact.heard(saidAt);
    this.ledger.contact = this.#contact.kept;
    for (const { fenceAfterSeconds } of this.ledger.assignments.values()) {
      if (fenceAfterSeconds === undefined) continue;
      this.ledger.saveSoon();
      this.#wake();
      return;
    }
  }

  /** The engine answers (again). */
  engineReady(): void {
    this.#resync ??= setInterval(() => this.observeAll(), RESYNC_MS);
    this.observeAll();
  }

  engineLost(): void {
    this.#observed = false;
    for (const attemptId of this.ledger.assignments.keys()) {
      if (this.#containers.get(attemptId)?.state !== 'ended') this.#unwatched.add(attemptId);
    }
  }

  engineEvent(event: EngineEvent): void {
    if (event.type !== 'container') return;
    const state = this.#states.get(event.attemptId);
    if (event.action.startsWith('health_status')) {
      this.#lookAt(event.attemptId);
      return;
    }
    // What this process waits for or is busy with, it hears of without looking.
    const heard = state && (state.progress.busy !== null || (event.action === 'die' && state.progress.attached));
    if (!heard && ['die', 'destroy', 'start', 'pause', 'unpause'].includes(event.action) && this.#isNews(event)) this.observeAll();
  }

  #lookAt(attemptId: string): void {
    void this.engine.inspectContainer(attemptId).then((found) => {
      if (found.ok && found.value && !this.#closed) this.observe(found.value);
    });
  }

  #isNews(event: Extract<EngineEvent, { type: 'container' }>): boolean {
    const known = this.#containers.get(event.attemptId)?.state;
    if (event.action === 'destroy') return known !== undefined;
    if (event.action === 'pause' || event.action === 'unpause') return known === 'running';
    return event.action === 'die' ? known !== 'ended' : known !== 'running' && known !== 'ended';
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#resync) clearInterval(this.#resync);
  }

  // ── observing ──

  observeAll(): void {
    if (this.#observing) {
      this.#observeAgain = true;
      return;
    }
    this.#observing = this.#look().finally(() => {
      this.#observing = null;
      if (!this.#observeAgain || this.#closed) return;
      this.#observeAgain = false;
      this.observeAll();
    });
  }

  async #look(): Promise<void> {
    // Only what was known before the look may be missed by it.
    const before = new Map(this.#containers);
    const listed = await this.engine.listContainers(before);
    if (!listed.ok) {
      this.#log.warn('the containers cannot be listed', { why: listed.failure.message });
      return;
    }
    const seen = new Set<string>();
    for (const container of listed.value) {
      seen.add(container.attemptId);
      this.#merge(container);
    }
    for (const [attemptId, container] of before) {
      const untouched = this.#containers.get(attemptId) === container && !this.#states.get(attemptId)?.progress.busy;
      if (!seen.has(attemptId) && untouched) this.#containers.delete(attemptId);
    }
    this.#observed = true;
    this.#wake();
    if (this.#confirmed) await this.#removeLeftovers();
  }

  /** Files of secrets that an earlier process wrote for attempts that are over. */
  async #removeLeftovers(): Promise<void> {
    try {
      await this.secretFiles.removeOthers((attemptId) => this.#containers.has(attemptId) || this.ledger.assignments.has(attemptId));
    } catch (error) {
      this.#log.warn('files of secrets that are no longer needed cannot be removed', { why: String(error) });
    }
  }

  /** An older look does not undo what was heard since. */
  #merge(container: ObservedContainer): void {
    if (container.state !== 'ended') this.#unwatched.delete(container.attemptId);
    const known = this.#containers.get(container.attemptId);
    if (known && !mayFollow(known, container, this.ledger.lives.get(container.attemptId))) return;
    this.#containers.set(container.attemptId, container);
    this.#resolveDoubt(container);
    if (known?.health?.status !== container.health?.status) this.#healthChanged(container);
  }

  /** A start whose answer got lost has visibly begun. */
  #resolveDoubt(container: ObservedContainer): void {
    const { attemptId } = container;
    if (container.state === 'created' || isBetweenLives(container, this.ledger.lives.get(attemptId))) return;
    const progress = this.#progress.get(attemptId);
    if (progress) progress.doubtUntil = null;
    if (this.ledger.doubts.delete(attemptId)) this.ledger.saveSoon();
  }

  #healthChanged({ attemptId, health, paused }: ObservedContainer): void {
    const assignment = this.ledger.assignments.get(attemptId);
    if (!health || paused || !assignment || this.#states.get(attemptId)?.progress.phase !== 'running') return;
    this.report(assignment, 'running', 'running', health.status === 'unhealthy' ? 'running, but unhealthy' : 'running');
  }

  // ── the loop ──

  #wake(): void {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pass();
    });
  }

  #pass(): void {
    if (this.#closed) return;
    const { steps, wakeAt } = plan({
      now: Date.now(),
      observed: this.#observed,
      confirmed: this.#confirmed,
      assignments: this.ledger.assignments,
      containers: this.#containers,
      progress: this.#progress,
      lives: this.ledger.lives,
      removals: this.ledger.removals,
      contactAge: this.#contact.age,
      limits: this.#limits,
    });
    for (const step of steps) this.#begin(step);
    this.#alarm(wakeAt);
  }

  #alarm(wakeAt: number | null): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (wakeAt === null) return;
    this.#timer = setTimeout(() => this.#pass(), Math.min(Math.max(1, wakeAt - Date.now()), LONGEST_TIMER_MS));
  }

  #begin(step: Step): void {
    const attemptId = 'assignment' in step ? step.assignment.attemptId : step.attemptId;
    const state = this.state(attemptId);
    this.#log.debug('step', { step: step.step, attemptId });
    const aside = step.step === 'stop' || step.step === 'kill' || step.step === 'abortPull';
    if (step.step === 'abortPull') state.progress.pullAborted = true;
    else if (step.step === 'stop') state.progress.stopping = { cause: step.cause, killed: false };
    else if (step.step === 'kill') state.progress.stopping = { cause: step.cause, killed: true };
    else state.progress.busy = step.step;
    if (step.step === 'pull') state.progress.creatingEarly = step.createEarly;
    if (step.step === 'stop' && step.cause === 'fenced') {
      this.#confirmed = false;
      this.#fenced();
    }
    const launching = step.step === 'create' || step.step === 'attach' || step.step === 'start';
    if (launching) this.outbox.gather = ++this.#launching >= CROWD;
    void execute(step, this).then((failure) => {
      if (!aside) state.progress.busy = null;
      if (launching) this.outbox.gather = --this.#launching >= CROWD;
      if (failure) this.#failed(step, attemptId, state, failure);
      else {
        state.failures = 0;
        state.progress.retryAt = null;
        if (step.step === 'start') this.ledger.hindered.delete(attemptId);
      }
      this.#wake();
    });
  }

  #failed(step: Step, attemptId: string, state: AttemptState, failure: Failure): void {
    if (step.step === 'pull' && state.progress.pullAborted) return;
    this.#log.warn('a step failed', { step: step.step, attemptId, kind: failure.kind, message: failure.message });
    const launching = step.step === 'pull' || step.step === 'create' || step.step === 'attach' || step.step === 'start';
    const assignment = this.ledger.assignments.get(attemptId);
    if (launching && assignment && failure.kind !== 'cannot-now') {
      const reason: Reason = failure.kind === 'bug' ? 'engine-error' : failure.reason;
      const exitCode = failure.kind === 'cannot-ever' ? (failure.exitCode ?? null) : null;
      this.#abandonOutput(attemptId, state);
      this.end(assignment, 'failed', reason, failure.message, { exitCode });
      return;
    }
    if (step.step === 'stop' || step.step === 'kill') state.progress.stopping = null;
    const delay = Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** Math.min(state.failures++, 10));
    state.progress.retryAt = Date.now() + delay;
    if (!this.ledger.assignments.has(attemptId)) setTimeout(() => this.#wake(), delay);
    if (failure.kind === 'cannot-now') this.observeAll();
  }

  /** What listens to a container that will never run. */
  #abandonOutput(attemptId: string, state: AttemptState): void {
    state.stopWaiting?.();
    const container = this.#containers.get(attemptId);
    // What it wrote in its lives before is still to be told.
    if (container?.state === 'ended') void this.outbox.output(attemptId)?.letGo(container.containerId);
    else this.outbox.dropOutput(attemptId);
  }

  // ── World ──

  state(attemptId: string): AttemptState {
    const known = this.#states.get(attemptId);
    if (known) return known;
    const progress = freshProgress();
    progress.startMarked = this.ledger.startMarked.has(attemptId);
    progress.doubtUntil = this.ledger.doubts.get(attemptId) ?? null;
    progress.delivered = this.ledger.delivered.has(attemptId);
    progress.ended = progress.delivered;
    const state = { progress, image: null, imageDigest: null, pulledAgain: false, stopWaiting: null, intact: false, failures: 0 };
    this.#states.set(attemptId, state);
    this.#progress.set(attemptId, progress);
    return state;
  }

  containers(): Iterable<ObservedContainer> {
    return this.#containers.values();
  }

  container(attemptId: string): ObservedContainer | undefined {
    return this.#containers.get(attemptId);
  }

  endedUnwatched(attemptId: string): boolean {
    return this.#unwatched.has(attemptId);
  }

  observe(container: ObservedContainer): void {
    this.#merge(container);
    this.#wake();
  }

  gone(attemptId: string): void {
    this.#containers.delete(attemptId);
    this.#wake();
  }

  output(assignment: Assignment): AttemptOutput {
    const { attemptId } = assignment;
    const known = this.outbox.output(attemptId);
    if (known) return known;
    const output = new AttemptOutput({
      attemptId,
      tty: assignment.spec.tty ?? false,
      engine: this.engine,
      budget: this.#budget,
      spool: this.#spool,
      storedTails: () => this.#storedTails(attemptId),
      masking: () => maskingOf(this.ledger.assignments.get(attemptId)),
      changed: () => this.outbox.outputChanged(attemptId),
      log: (message, detail) => this.#log.warn(message, { attemptId, ...detail }),
    });
    this.outbox.addOutput(attemptId, output);
    return output;
  }

  async storedOffsets(attemptId: string): Promise<Offsets> {
    await this.#welcomed.promise;
    return this.#stored?.get(attemptId) ?? { stdout: 0, stderr: 0 };
  }

  async secretsKnown({ spec }: Assignment): Promise<void> {
    if (spec.secrets?.length) await this.#told.promise;
  }

  fate(attemptId: string, containerId: string, fate: ContainerFate): void {
    const state = this.#states.get(attemptId);
    const container = this.#containers.get(attemptId);
    if (!state || this.#closed || container?.containerId !== containerId) return;
    if (fate.known) {
      // Its end may be heard before the answer to its start.
      const startedAt = (container.state === 'running' ? container.startedAt : null) ?? Date.now();
      this.observe({ ...container, state: 'ended', startedAt, finishedAt: Date.now(), exitCode: fate.exitCode });
      return;
    }
    state.progress.attached = false;
    state.intact = false;
    if (!state.progress.ended) this.observeAll();
  }

  report(assignment: Assignment, phase: Phase, reason: Reason, message: string, detail: ReportDetail = {}): void {
    const { attemptId } = assignment;
    const state = this.state(attemptId);
    const before = state.progress.phase ?? 'assigned';
    const step = transition(before, phase);
    if (state.progress.ended || step === 'stale' || step === 'illegal') return;
    // Each further try would hide for a moment what is in its way.
    const tries = reason === 'creating-container' || reason === 'starting-container';
    if (tries && step === 'same' && this.ledger.hindered.has(attemptId)) return;
    this.#tell(assignment, phase, reason, message, detail);
  }

  hindered(assignment: Assignment, failure: Failure): Failure {
    const { attemptId } = assignment;
    const now = Date.now();
    // One that is still to come is of a clock that was set back.
    const since = Math.min(now, this.ledger.hindered.get(attemptId) ?? now);
    const patience = patienceWith(failure, since, now);
    if (patience === null || failure.kind !== 'cannot-now') return failure;
    if ('gaveUp' in patience) return patience.gaveUp;
    this.ledger.hindered.set(attemptId, since);
    this.ledger.saveSoon();
    const phase = this.state(attemptId).progress.phase ?? 'assigned';
    this.report(assignment, phase, failure.reason, failure.message, { retryUntil: patience.until });
    return failure;
  }

  restarting(assignment: Assignment, message: string, detail: ReportDetail): void {
    const state = this.state(assignment.attemptId);
    Object.assign(state.progress, { attached: false, drained: true, stopping: null, retryAt: null });
    Object.assign(state, { intact: false, stopWaiting: null, failures: 0 });
    this.#tell(assignment, 'restarting', 'restarting', message, detail);
    this.#wake();
  }

  #tell(assignment: Assignment, phase: Phase, reason: Reason, message: string, detail: ReportDetail): void {
    const { attemptId } = assignment;
    const state = this.state(attemptId);
    state.progress.phase = phase;
    const lives = this.ledger.livesOf(attemptId);
    const container = this.#containers.get(attemptId);
    // What the engine or a check says may show a value.
    const masking = maskingOf(this.ledger.assignments.get(attemptId));
    const shown = (text: string) => (masking === null ? text : masking === 'unknown' ? '' : maskedText(masking, text));
    const health = phase === 'running' && container?.health ? { ...container.health, output: shown(container.health.output) } : null;
    const time = (at: number | null | undefined) => (at ? new Date(at).toISOString() : null);
    this.outbox.phase({
      attemptId,
      phase,
      reason,
      message: masking === 'unknown' ? message : shown(message),
      at: new Date().toISOString(),
      containerId: container?.containerId ?? null,
      imageDigest: state.imageDigest,
      exitCode: detail.exitCode ?? null,
      signal: detail.signal ?? null,
      oomKilled: detail.oomKilled ?? false,
      startedAt: time(container?.startedAt),
      finishedAt: time(container?.finishedAt),
      restarts: lives.restarts,
      restartAt: phase === 'restarting' ? time(lives.restartAt) : null,
      ...(lives.exits.length > 0 && { exits: lives.exits }),
      health,
      ...(detail.retryUntil !== undefined && { retryUntil: time(detail.retryUntil) }),
    });
  }

  exitsStored(attemptId: string, number: number): void {
    const lives = this.ledger.lives.get(attemptId);
    if (!lives) return;
    this.ledger.lives.set(attemptId, { ...lives, exits: lives.exits.filter((exit) => exit.number > number) });
    this.ledger.saveSoon();
  }

  end(assignment: Assignment, phase: Phase, reason: Reason, message: string, detail: ReportDetail = {}): void {
    this.report(assignment, phase, reason, message, detail);
    this.state(assignment.attemptId).progress.ended = true;
    this.#wake();
  }

  /** The api has the end, or wants to hear no more. */
  delivered(attemptId: string): void {
    const state = this.#states.get(attemptId);
    if (!state) return;
    state.progress.ended = true;
    state.progress.delivered = true;
    if (this.ledger.assignments.has(attemptId)) {
      this.ledger.delivered.add(attemptId);
      this.ledger.saveSoon();
    }
    this.#wake();
  }

  forget(attemptId: string): void {
    this.#states.get(attemptId)?.stopWaiting?.();
    this.#states.delete(attemptId);
    this.#progress.delete(attemptId);
    this.#unwatched.delete(attemptId);
    void this.secretFiles.remove(attemptId);
    this.outbox.forget(attemptId);
  }
}
