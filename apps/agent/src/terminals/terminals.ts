/**
 * Terminals in containers of this host. They live here, and not with who looks at them: a page that is reloaded or a link that breaks finds
 * the same shell, with its last MiB. Who reads asks for what comes after the place up to which it has read, and waits for it here; so
 * a reader takes what it can, and one that is too slow is told how much it has missed.
 */
import { randomUUID } from 'node:crypto';
import type { Outcome } from '@berth/shared/errors/outcome';
import { type CallValues, TERMINAL_KEPT_BYTES, TERMINAL_READ_BYTES, TERMINALS_AT_MOST } from '@berth/shared/protocol/call';
import type { ContainerEngine, OpenedTerminal } from '../engine/container-engine.ts';
import type { SecretMatcher } from '../secrets/secret-matcher.ts';
import { MaskedTerminal } from './masked-terminal.ts';
import { Ring } from './ring.ts';

/** One that nobody has read for so long is ended; one that has ended is forgotten. */
const UNREAD_MS = 10 * 60_000;
const LOOK_MS = 30_000;
/** The shell waits for a reader that is so far behind, as it would for a slow terminal. */
const AHEAD_BYTES = 512 * 1024;
/** A reader that has not asked for so long does not hold the shell up. */
const READER_MS = 5_000;
/** Of what is typed, so much may wait for a program that does not read it. */
const INPUT_BYTES = 1024 * 1024;

interface Terminal {
  id: string;
  attemptId: string;
  command: string[];
  openedAt: Date;
  opened: OpenedTerminal;
  ring: Ring;
  /** Null while it goes on. */
  ended: { exitCode: number | null } | null;
  readAt: number;
  /** The furthest that a reader has asked for. */
  readTo: number;
  /** Set while the shell is held up: looks whether its reader is still there. */
  held: NodeJS.Timeout | null;
  wake: Set<() => void>;
}

const NONE = {
  ok: false,
  failure: { kind: 'cannot-ever', reason: 'container-gone', message: 'there is no such terminal (any more)' },
} as const;
const FULL = {
  ok: false,
  failure: { kind: 'cannot-ever', reason: 'engine-error', message: 'its program does not read what is typed' },
} as const;

export class Terminals {
  readonly #engine: Pick<ContainerEngine, 'openTerminal'>;
  readonly #terminals = new Map<string, Terminal>();
  readonly #timer: NodeJS.Timeout;

  constructor(engine: Pick<ContainerEngine, 'openTerminal'>) {
    this.#engine = engine;
    this.#timer = setInterval(() => this.#tidy(Date.now()), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const terminal of this.#terminals.values()) terminal.opened.end();
  }

  /** `matcher` finds the values of its secrets; null: nothing is to be masked. */
  async open(
    attemptId: string,
    containerId: string,
    { command, columns, rows }: { command: string[]; columns: number; rows: number },
    matcher: SecretMatcher | null,
  ): Promise<Outcome<CallValues['terminal.open']>> {
    const mine = [...this.#terminals.values()].filter((terminal) => terminal.attemptId === attemptId && !terminal.ended);
    if (mine.length >= TERMINALS_AT_MOST) {
      const message = `it has ${TERMINALS_AT_MOST} terminals already: close one first`;
      return { ok: false, failure: { kind: 'cannot-ever', reason: 'engine-error', message } };
    }
    const opened = await this.#engine.openTerminal({ containerId, command, columns, rows });
    if (!opened.ok) return opened;
    const terminal: Terminal = {
      id: randomUUID(),
      attemptId,
      command,
      openedAt: new Date(),
      opened: opened.value,
      ring: new Ring(TERMINAL_KEPT_BYTES),
      ended: null,
      readAt: Date.now(),
      readTo: 0,
      held: null,
      wake: new Set(),
    };
    this.#terminals.set(terminal.id, terminal);
    const shown = (bytes: Buffer) => this.#written(terminal, bytes);
    const masked = matcher === null ? null : new MaskedTerminal(matcher, shown);
    opened.value.stream.on('data', (bytes: Buffer) => (masked ? masked.push(bytes) : shown(bytes)));
    void opened.value.exit.then((exitCode) => {
      masked?.release();
      terminal.ended = { exitCode };
      this.#wake(terminal);
    });
    return { ok: true, value: { terminal: terminal.id } };
  }

  list(attemptId: string): CallValues['terminal.list'] {
    const mine = [...this.#terminals.values()].filter((terminal) => terminal.attemptId === attemptId);
    return {
      terminals: mine.map(({ id, command, openedAt, ended }) => ({ id, command, openedAt: openedAt.toISOString(), ended: ended !== null })),
    };
  }

  /** In the order of the calls: nothing is awaited before it is written. */
  write(attemptId: string, id: string, input: Buffer): Outcome<Record<string, never>> {
    const terminal = this.#find(attemptId, id);
    if (!terminal || terminal.ended) return NONE;
    const { stream } = terminal.opened;
    if (stream.writableLength + input.length > INPUT_BYTES) return FULL;
    stream.write(input);
    return { ok: true, value: {} };
  }

  async resize(attemptId: string, id: string, columns: number, rows: number): Promise<Outcome<Record<string, never>>> {
    const terminal = this.#find(attemptId, id);
    if (!terminal) return NONE;
    // One that ends in this moment has no size, and needs none.
    if (!terminal.ended) await terminal.opened.resize(columns, rows);
    return { ok: true, value: {} };
  }

  async read(attemptId: string, id: string, after: number, waitMs: number): Promise<Outcome<CallValues['terminal.read']>> {
    const terminal = this.#find(attemptId, id);
    if (!terminal) return NONE;
    this.#reads(terminal, after);
    if (after >= terminal.ring.end && !terminal.ended) await this.#news(terminal, waitMs);
    this.#reads(terminal, after);
    const { from, data } = terminal.ring.read(after, TERMINAL_READ_BYTES);
    const last = from + data.length >= terminal.ring.end;
    return { ok: true, value: { from, data: data.toString('base64'), ended: last ? terminal.ended : null } };
  }

  end(attemptId: string, id: string): Outcome<Record<string, never>> {
    const terminal = this.#find(attemptId, id);
    if (!terminal) return NONE;
    terminal.opened.end();
    if (terminal.ended) this.#terminals.delete(id);
    return { ok: true, value: {} };
  }

  #find(attemptId: string, id: string): Terminal | undefined {
    const terminal = this.#terminals.get(id);
    return terminal?.attemptId === attemptId ? terminal : undefined;
  }

  #written(terminal: Terminal, bytes: Buffer): void {
    terminal.ring.add(bytes);
    const isRead = Date.now() - terminal.readAt < READER_MS;
    if (isRead && terminal.ring.end - terminal.readTo > AHEAD_BYTES) {
      terminal.opened.stream.pause();
      if (!terminal.held) this.#hold(terminal);
    }
    this.#wake(terminal);
  }

  /** Until the reader has come near, or asks no more: it may go away without a word. */
  #hold(terminal: Terminal): void {
    const look = () => {
      terminal.held = null;
      if (Date.now() - terminal.readAt < READER_MS) this.#hold(terminal);
      else terminal.opened.stream.resume();
    };
    terminal.held = setTimeout(look, READER_MS).unref();
  }

  #reads(terminal: Terminal, after: number): void {
    terminal.readAt = Date.now();
    terminal.readTo = Math.max(terminal.readTo, after);
    if (terminal.ring.end - terminal.readTo > AHEAD_BYTES || !terminal.opened.stream.isPaused()) return;
    if (terminal.held) clearTimeout(terminal.held);
    terminal.held = null;
    terminal.opened.stream.resume();
  }

  #wake(terminal: Terminal): void {
    for (const wake of terminal.wake) wake();
  }

  #news(terminal: Terminal, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        terminal.wake.delete(done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      terminal.wake.add(done);
    });
  }

  #tidy(now: number): void {
    for (const terminal of this.#terminals.values()) {
      // Who waits here reads.
      if (terminal.wake.size > 0 || now - terminal.readAt < UNREAD_MS) continue;
      terminal.opened.end();
      if (terminal.ended) this.#terminals.delete(terminal.id);
    }
  }
}
