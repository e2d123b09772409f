/**
 * The container engine of a simulated host: a container is a timeline and a buffer, so that a hundred hosts fit into one process.
 * It outlives its agent, as a real engine does: an agent that starts again finds what ran on meanwhile.
 */
import { createHash, randomBytes } from 'node:crypto';
import { familiarImageName, parseImageReference } from '@berth/shared/model/image-reference';
import type { Phase } from '@berth/shared/model/phase';
import type { Pull } from '@berth/shared/model/pull';
import type { Reason } from '@berth/shared/model/reason';
import type { RunSpec } from '@berth/shared/model/run';
import { SIGNALS, type SignalName, signalOfExitCode } from '@berth/shared/model/signal';
import type { AttemptReport } from '@berth/shared/protocol/agent';
import { OutputBuffer } from './output-buffer.ts';

/** What a container will do, times in milliseconds; 0 happens at once. */
export interface Timeline {
  pullMs: number;
  createMs: number;
  startMs: number;
  /** Written one after the other, `atMs` after the start. */
  output: { atMs: number; stream: 'stdout' | 'stderr'; data: Uint8Array }[];
  /** When it exits by itself; null where only a signal ends it. */
  runMs: number | null;
  exitCode: number;
  /** What its stop signal does: end it with 128 + the signal's number, or nothing. */
  onStop: 'exits' | 'ignores';
}

export type Behaviour = (spec: RunSpec) => Timeline;
export type PhaseReport = Omit<AttemptReport, 'attemptId'>;

const CONTAINER_ID_BYTES = 32;
const now = () => new Date().toISOString();

export interface SimulatedEngineOptions {
  behaviour: Behaviour;
  /** Familiar names of what its registry holds; absent: everything. */
  registry?: readonly string[];
  /** Familiar names with the digests that its registry has for them; absent: made of the name. */
  digests?: Readonly<Record<string, string>>;
}

export class SimulatedEngine {
  /** Familiar names of the images on the host. */
  readonly images = new Set<string>();
  readonly containers = new Map<string, SimulatedContainer>();
  readonly options: SimulatedEngineOptions;
  /** Starts of each attempt ever made: law L5 wants one at most. */
  readonly starts = new Map<string, number>();
  /** Called with the attempt whose container changed; the agent that is alive sets it. */
  changed: (attemptId: string) => void = () => undefined;

  constructor(options: SimulatedEngineOptions) {
    this.options = options;
  }

  run(attemptId: string, spec: RunSpec): SimulatedContainer {
    const container = new SimulatedContainer(this, attemptId, spec);
    this.containers.set(attemptId, container);
    container.begin();
    return container;
  }

  /** Kills it where it runs; nothing more is heard of it. */
  remove(attemptId: string): void {
    const container = this.containers.get(attemptId);
    this.containers.delete(attemptId);
    container?.abandon();
  }

  close(): void {
    for (const container of this.containers.values()) container.abandon();
    this.containers.clear();
  }
}

export class SimulatedContainer {
  readonly output = { stdout: new OutputBuffer(), stderr: new OutputBuffer() };
  /** Every phase it went through, oldest first. */
  readonly phases: PhaseReport[] = [];
  pull: Pull | null = null;

  readonly #engine: SimulatedEngine;
  readonly #attemptId: string;
  readonly #spec: RunSpec;
  readonly #timeline: Timeline;
  readonly #timers = new Set<NodeJS.Timeout>();
  #containerId: string | null = null;
  #digest: string | null = null;
  #startedAt: string | null = null;
  #request: 'stop' | 'kill' | 'timeout' | null = null;

  constructor(engine: SimulatedEngine, attemptId: string, spec: RunSpec) {
    this.#engine = engine;
    this.#attemptId = attemptId;
    this.#spec = spec;
    this.#timeline = engine.options.behaviour(spec);
  }

  get phase(): Phase {
    return this.phases.at(-1)?.phase ?? 'assigned';
  }

  begin(): void {
    const parsed = parseImageReference(this.#spec.image);
    if (!parsed.ok) {
      this.#end('failed', 'invalid-spec', parsed.message, null);
      return;
    }
    const name = familiarImageName(parsed.image);
    const policy = this.#spec.pullPolicy ?? 'if-not-present';
    const present = this.#engine.images.has(name);
    if (policy === 'never' && !present) {
      this.#end('failed', 'image-not-present', `pullPolicy is never and the host does not have ${name}`, null);
    } else if (policy !== 'always' && present) this.#create(name);
    else this.#pull(name, present);
  }

  #pull(name: string, present: boolean): void {
    this.pull = { ...emptyPull(name), startedAt: now() };
    this.#enter('pulling', 'pulling-image', `pulling ${name}`);
    this.#after(this.#timeline.pullMs, () => this.#pulled(name, present));
  }

  #pulled(name: string, present: boolean): void {
    const known = this.#engine.options.registry?.includes(name) ?? true;
    const pull = { ...emptyPull(name), startedAt: this.pull?.startedAt ?? null, finishedAt: now() };
    if (!known) {
      this.pull = { ...pull, state: 'failed', error: `manifest for ${name} not found: manifest unknown` };
      this.#end('failed', 'image-not-found', `manifest for ${name} not found: manifest unknown`, null);
      return;
    }
    const status = present ? `Image is up to date for ${name}` : `Downloaded newer image for ${name}`;
    this.pull = { ...pull, state: 'done', digest: this.#digestOf(name), status };
    this.#engine.images.add(name);
    this.#create(name);
  }

  /** An image that is asked for by its digest has that one. */
  #digestOf(name: string): string {
    const [, digest] = name.split('@');
    return digest ?? this.#engine.options.digests?.[name] ?? `sha256:${createHash('sha256').update(name).digest('hex')}`;
  }

  #create(name: string): void {
    this.#digest = this.#digestOf(name);
    this.#enter('creating', 'creating-container', 'creating the container');
    this.#after(this.#timeline.createMs, () => {
      this.#containerId = randomBytes(CONTAINER_ID_BYTES).toString('hex');
      this.#enter('starting', 'starting-container', 'starting the container');
      this.#after(this.#timeline.startMs, () => this.#start());
    });
  }

  #start(): void {
    this.#engine.starts.set(this.#attemptId, (this.#engine.starts.get(this.#attemptId) ?? 0) + 1);
    this.#startedAt = now();
    this.#enter('running', 'running', 'running');
    if (this.#spec.timeoutSeconds !== undefined) {
      this.#after(this.#spec.timeoutSeconds * 1000, () => {
        this.#request = 'timeout';
        this.#signal();
      });
    }
    this.#write(0, 0);
  }

  /** One after the other: a process that was held still finds many timers due, and would meet them in any order. */
  #write(next: number, passedMs: number): void {
    const { output, runMs, exitCode } = this.#timeline;
    const piece = output[next];
    if (!piece) {
      if (runMs !== null) this.#after(runMs - passedMs, () => this.#exit(exitCode));
      return;
    }
    this.#after(piece.atMs - passedMs, () => {
      this.output[piece.stream].append(piece.data);
      this.#engine.changed(this.#attemptId);
      this.#write(next + 1, piece.atMs);
    });
  }

  /** Idempotent. Before the start it cancels. */
  stop(): void {
    if (this.#request !== null || this.#isOver()) return;
    this.#request = 'stop';
    if (this.#startedAt === null) {
      this.#end('cancelled', 'cancelled', 'cancelled before it ran', null);
      return;
    }
    this.#enter('stopping', 'stop-requested', 'stopping');
    this.#signal();
  }

  kill(): void {
    if (this.#request === 'kill' || this.#isOver()) return;
    this.#request = 'kill';
    if (this.#startedAt === null) {
      this.#end('cancelled', 'cancelled', 'cancelled before it ran', null);
      return;
    }
    this.#enter('stopping', 'kill-requested', 'killing');
    this.#exit(128 + SIGNALS.SIGKILL);
  }

  #signal(): void {
    const signal: SignalName = this.#spec.stopSignal ?? 'SIGTERM';
    if (this.#timeline.onStop === 'exits') {
      this.#exit(128 + SIGNALS[signal]);
      return;
    }
    const graceSeconds = this.#spec.stopGracePeriodSeconds ?? 10;
    this.#after(graceSeconds * 1000, () => this.#exit(128 + SIGNALS.SIGKILL));
  }

  #exit(exitCode: number): void {
    if (this.#isOver()) return;
    const signal = signalOfExitCode(exitCode);
    if (this.#request === 'timeout') {
      this.#end('failed', 'timed-out', `ran longer than ${this.#spec.timeoutSeconds} s`, exitCode);
    } else if (this.#request !== null) {
      const reason: Reason = this.#request === 'kill' ? 'killed' : 'stopped';
      this.#end('exited', reason, `Exited (${exitCode}): ${reason} by request`, exitCode);
    } else if (exitCode === 0) this.#end('exited', 'completed', 'Exited (0)', 0);
    else if (signal) this.#end('exited', 'signalled', `Exited (${exitCode}): ${signal}`, exitCode);
    else this.#end('exited', 'non-zero-exit', `Exited (${exitCode})`, exitCode);
  }

  #end(phase: 'exited' | 'failed' | 'cancelled', reason: Reason, message: string, exitCode: number | null): void {
    if (this.#isOver()) return;
    this.abandon();
    this.#enter(phase, reason, message, exitCode);
  }

  /** No timer of it fires any more. */
  abandon(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #isOver(): boolean {
    return this.phase === 'exited' || this.phase === 'failed' || this.phase === 'cancelled';
  }

  #enter(phase: Phase, reason: Reason, message: string, exitCode: number | null = null): void {
    const at = now();
    const over = phase === 'exited' || phase === 'failed' || phase === 'cancelled';
    this.phases.push({
      phase,
      reason,
      message,
      at,
      containerId: this.#containerId,
      imageDigest: this.#digest,
      exitCode,
      signal: exitCode === null ? null : signalOfExitCode(exitCode),
      oomKilled: false,
      startedAt: this.#startedAt,
      finishedAt: over ? at : null,
    });
    this.#engine.changed(this.#attemptId);
  }

  #after(ms: number, then: () => void): void {
    if (ms <= 0) {
      then();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      then();
    }, ms);
    this.#timers.add(timer);
  }
}

function emptyPull(reference: string): Pull {
  const base = { state: 'pulling', reference, headline: [], layers: [], digest: null, status: null, error: null } as const;
  return { ...base, headline: [], layers: [], startedAt: null, finishedAt: null };
}
