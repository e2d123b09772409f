/**
 * The standard input of main processes. What they write is in their log, and comes by no other way (law L7).
 *
 * It is opened with the first bytes for it, and again where the connection broke or the container was started again. Bytes are passed on in
 * the order of the calls and at most once: a process that does not read is waited for, for a while, and what it has not taken by then is
 * not sent later. A container whose input can be ended has it ended by the engine together with the first connection that is opened to it,
 * this agent's death included: that one was opened is on disk before it is.
 */
import type { Duplex } from 'node:stream';
import type { RunSpec } from '@berth/shared/model/run';
import { type CallAnswer, STDIN_BYTES } from '@berth/shared/protocol/call';
import type { ContainerEngine } from '../engine/container-engine.ts';
import type { Ledger } from '../state/ledger.ts';

/** A call is answered within this time after it came. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 30_000;
/** What is passed on at once, and cannot be taken back from a process that does not read. */
const PIECE_BYTES = 16 * 1024;
/** In a terminal, the end of the input is a key. */
const CTRL_D = Buffer.from([4]);

type Engine = Pick<ContainerEngine, 'findContainer' | 'openInput' | 'resizeTerminal'>;
type Kept = Pick<Ledger, 'assignments' | 'inputs' | 'saved'>;
type Failed = Extract<CallAnswer, { ok: false }>;

interface Running {
  ok: true;
  containerId: string;
  startedAt: number;
}

interface Input {
  stream: Duplex;
  /** Of the container that it was opened to. */
  startedAt: number;
  /** Settles once all that was passed on is taken; false where it was not, because the connection is over. */
  taken: Promise<boolean>;
}

/** The calls for one input, one after the other. */
interface Line {
  last: Promise<unknown>;
  calls: number;
  bytes: number;
  input: Input | null;
}

const NO_CONTAINER: Failed = { ok: false, code: 'no-container', message: 'its container is no longer on the host' };
const NOT_RUNNING: Failed = { ok: false, code: 'not-running', message: 'its container does not run' };
const noInput = (message: string): Failed => ({ ok: false, code: 'no-input', message });
const NEVER_READ = noInput('its process does not read its standard input');

export class Inputs {
  readonly #engine: Engine;
  readonly #ledger: Kept;
  readonly #lines = new Map<string, Line>();
  readonly #timer: NodeJS.Timeout;

  constructor(engine: Engine, ledger: Kept) {
    this.#engine = engine;
    this.#ledger = ledger;
    this.#timer = setInterval(() => void this.#tidy(), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { input } of this.#lines.values()) input?.stream.destroy();
  }

  /** Its place in the order is that of the call: nothing is awaited before it is taken. Never rejects. */
  async write(attemptId: string, data: Buffer, end: boolean): Promise<CallAnswer> {
    const line = this.#lines.get(attemptId) ?? { last: Promise.resolve(), calls: 0, bytes: 0, input: null };
    if (line.bytes > 0 && line.bytes + data.length > STDIN_BYTES) return NEVER_READ;
    const until = Date.now() + PATIENCE_MS;
    this.#lines.set(attemptId, line);
    line.calls++;
    line.bytes += data.length;
    const turn = line.last
      .then(() => this.#pass(attemptId, line, data, end, until))
      .catch((error: unknown): Failed => ({ ok: false, code: 'engine', message: error instanceof Error ? error.message : String(error) }));
    line.last = turn;
    const answer = await turn;
    line.calls--;
    line.bytes -= data.length;
    if (line.calls === 0 && line.input === null) this.#lines.delete(attemptId);
    return answer;
  }

  async resize(attemptId: string, columns: number, rows: number): Promise<CallAnswer> {
    const found = await this.#running(attemptId);
    if (!found.ok) return found;
    const resized = await this.#engine.resizeTerminal(found.containerId, columns, rows);
    return resized.ok ? { ok: true, value: {} } : { ok: false, code: 'engine', message: resized.failure.message };
  }

  async #pass(attemptId: string, line: Line, data: Buffer, end: boolean, until: number): Promise<CallAnswer> {
    const spec = this.#ledger.assignments.get(attemptId)?.spec;
    if (!spec) return NO_CONTAINER;
    if (!spec.stdin) return noInput('it has no standard input');
    if (end && !canEnd(spec)) return noInput('its standard input cannot be ended: it was not asked for with stdinOnce');
    const found = await this.#running(attemptId);
    if (!found.ok) return found;
    // What the engine has kept of another life of the container takes bytes, and lets go of them.
    if (line.input && line.input.startedAt !== found.startedAt) letGo(line);
    const input = line.input ?? (await this.#open(attemptId, spec, line, found));
    if ('code' in input) return input;
    const whole = end && spec.tty ? Buffer.concat([data, CTRL_D]) : data;
    let written = 0;
    while (written < whole.length) {
      const free = Date.now() > until ? 'late' : await inTime(input.taken, until);
      if (free === 'over') return this.#broken(attemptId);
      if (free === 'late') return { ok: true, value: { written: Math.min(written, data.length), ended: false } };
      const piece = whole.subarray(written, written + PIECE_BYTES);
      input.taken = passOn(input.stream, piece);
      written += piece.length;
    }
    // The last piece is on its way, whenever it is read.
    if ((await inTime(input.taken, until)) === 'over') return this.#broken(attemptId);
    if (end && !spec.tty) {
      line.input = null;
      await inTime(half(input.stream), until);
    }
    return { ok: true, value: { written: data.length, ended: end } };
  }

  /** The engine keeps a connection after the end of its container, until something comes by it. */
  async #tidy(): Promise<void> {
    for (const [attemptId, line] of this.#lines) {
      if (line.calls > 0 || !line.input) continue;
      const { startedAt } = line.input;
      const found = await this.#running(attemptId);
      const ended = found.ok ? found.startedAt !== startedAt : found.code !== 'engine';
      if (ended && line.calls === 0) letGo(line);
    }
  }

  async #broken(attemptId: string): Promise<Failed> {
    const found = await this.#running(attemptId);
    return found.ok ? noInput('the connection to its standard input broke while it was written to') : found;
  }

  async #open(attemptId: string, spec: RunSpec, line: Line, found: Running): Promise<Input | Failed> {
    if (spec.stdinOnce && !spec.tty) {
      if (this.#ledger.inputs.get(attemptId) === found.startedAt) {
        return noInput('its standard input has ended: somebody ended it, or its agent was started again');
      }
      this.#ledger.inputs.set(attemptId, found.startedAt);
      await this.#ledger.saved();
    }
    const opened = await this.#engine.openInput(found.containerId, spec.tty ?? false);
    if (!opened.ok) {
      const { kind, message } = opened.failure;
      // It was not opened, for certain: one that is paused is refused, for instance.
      if (kind === 'cannot-ever') this.#ledger.inputs.delete(attemptId);
      return { ok: false, code: kind === 'cannot-ever' ? 'refused' : 'engine', message };
    }
    const input: Input = { stream: opened.value, startedAt: found.startedAt, taken: Promise.resolve(true) };
    line.input = input;
    input.stream.on('error', () => undefined);
    input.stream.once('close', () => {
      if (line.input === input) line.input = null;
      if (line.calls === 0 && this.#lines.get(attemptId) === line) this.#lines.delete(attemptId);
    });
    // Nothing comes; without somebody who reads, its end would not be heard of either.
    input.stream.resume();
    return input;
  }

  async #running(attemptId: string): Promise<Running | Failed> {
    const found = await this.#engine.findContainer(attemptId);
    if (!found.ok) return { ok: false, code: 'engine', message: found.failure.message };
    if (found.value === null) return NO_CONTAINER;
    const { state, containerId, startedAt } = found.value;
    return state === 'running' ? { ok: true, containerId, startedAt: startedAt ?? 0 } : NOT_RUNNING;
  }
}

function letGo(line: Line): void {
  line.input?.stream.destroy();
  line.input = null;
}

const canEnd = ({ tty, stdinOnce }: RunSpec): boolean => tty === true || stdinOnce === true;

/** Resolves once the connection has taken it. */
const passOn = (stream: Duplex, piece: Buffer): Promise<boolean> =>
  new Promise((resolve) => void stream.write(piece, (error) => resolve(!error)));

/** Resolves once the end is sent, behind all that was written. */
const half = (stream: Duplex): Promise<boolean> => new Promise((resolve) => void stream.end(() => resolve(true)));

async function inTime(taken: Promise<boolean>, until: number): Promise<'taken' | 'over' | 'late'> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), until - Date.now());
  const first = await Promise.race([taken.then((all) => (all ? 'taken' : 'over')), promise]);
  clearTimeout(timer);
  return first;
}
