/**
 * The last set that was accepted from the api, on disk (DESIGN §2). Registry credentials and secrets stay in memory (law L8).
 *
 * Invariants: a generation is in memory only together with its set; `saved()` resolves when all that was changed before the call is
 * durable; changes that arrive during a write share the next one. A disk that is full is tried again until it is not: what rests on the
 * ledger waits for it, and nothing is started or confirmed meanwhile.
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { exitSchema } from '@berth/shared/model/run';
import { type ApiMessage, type Assignment, assignmentSchema } from '@berth/shared/protocol/agent';
import { z } from 'zod';
import { FIRST_LIFE, type Lives } from '../planner/lives.ts';
import type { LastContact } from '../session/contact.ts';
import { readIfThere, writeDurably } from './files.ts';

const LEDGER_VERSION = 1;
const SAVE_SOON_MS = 1000;
const WRITE_AGAIN_MS = 500;

const ledgerSchema = z.object({
  version: z.literal(LEDGER_VERSION),
  hostId: z.string(),
  generation: z.int(),
  assignments: z.array(assignmentSchema),
  /** Attempts for which a start may have been sent: they are never started again. */
  startMarked: z.array(z.string()),
  /** Attempts whose end the api has acknowledged. */
  delivered: z.array(z.string()),
  /** Attempts whose container is to be removed though it has ended. */
  removals: z.array(z.string()),
  /** Attempts that were stopped for want of contact: they are started again, where they are still wanted. */
  fenced: z.array(z.string()).default([]),
  /** When the api was last heard, for those that are stopped without it. */
  contact: z.object({ boot: z.string(), at: z.number() }).nullable().default(null),
  lives: z
    .array(
      z.object({
        attemptId: z.string(),
        restarts: z.int(),
        endedAt: z.number().nullable(),
        restartAt: z.number().nullable(),
        streak: z.int(),
        requestsMet: z.int(),
        starts: z.array(z.object({ at: z.number(), stdout: z.int(), stderr: z.int() })),
        exits: z.array(exitSchema),
      }),
    )
    .default([]),
  /** When the containers were started whose standard input was opened since, of those where it can be opened once only. */
  inputs: z.array(z.object({ attemptId: z.string(), startedAt: z.number() })).default([]),
  /** Until when it may show whether a start began whose answer got lost. */
  doubts: z.array(z.object({ attemptId: z.string(), until: z.number() })).default([]),
  /** Since when something that may pass is in the way of a launch. */
  hindered: z.array(z.object({ attemptId: z.string(), since: z.number() })).default([]),
});

export class Ledger {
  readonly #path: string;
  readonly #hostId: string;
  generation = 0;
  readonly assignments = new Map<string, Assignment>();
  readonly startMarked = new Set<string>();
  readonly delivered = new Set<string>();
  readonly removals = new Set<string>();
  readonly fenced = new Set<string>();
  contact: LastContact | null = null;
  readonly lives = new Map<string, Lives>();
  /** By the attempt: when its container was started whose input was opened. */
  readonly inputs = new Map<string, number>();
  /** By the attempt: until when it may show whether a start began whose answer got lost. */
  readonly doubts = new Map<string, number>();
  /** By the attempt: since when something that may pass is in the way of its launch. */
  readonly hindered = new Map<string, number>();
  /** What is on disk for certain. */
  #durable: string | null = null;
  #writing: Promise<void> | null = null;
  #next: Promise<void> | null = null;
  #soon: NodeJS.Timeout | null = null;
  readonly #closing = new AbortController();
  readonly #trouble: (why: string) => void;

  private constructor(home: string, hostId: string, trouble: (why: string) => void) {
    this.#path = join(home, 'ledger.json');
    this.#hostId = hostId;
    this.#trouble = trouble;
  }

  /**
   * A ledger of another host, or one that cannot be read, counts as none: the api sends the whole set then. `trouble` hears why it cannot be
   * written, once until it can be again.
   */
  static async open(home: string, hostId: string, trouble: (why: string) => void = () => undefined): Promise<Ledger> {
    const ledger = new Ledger(home, hostId, trouble);
    const text = await readIfThere(ledger.#path);
    const stored = text === null ? null : ledgerSchema.safeParse(parseJson(text));
    if (!stored?.success || stored.data.hostId !== hostId) return ledger;
    ledger.generation = stored.data.generation;
    for (const assignment of stored.data.assignments) ledger.assignments.set(assignment.attemptId, assignment);
    for (const id of stored.data.startMarked) ledger.startMarked.add(id);
    for (const id of stored.data.delivered) ledger.delivered.add(id);
    for (const id of stored.data.removals) ledger.removals.add(id);
    for (const id of stored.data.fenced) ledger.fenced.add(id);
    ledger.contact = stored.data.contact;
    for (const { attemptId, ...lives } of stored.data.lives) ledger.lives.set(attemptId, lives);
    for (const { attemptId, startedAt } of stored.data.inputs) ledger.inputs.set(attemptId, startedAt);
    for (const { attemptId, until } of stored.data.doubts) ledger.doubts.set(attemptId, until);
    for (const { attemptId, since } of stored.data.hindered) ledger.hindered.set(attemptId, since);
    return ledger;
  }

  /** False where a delta does not follow from what is here; nothing is changed then. */
  accept(message: ApiMessage<'assign'>): boolean {
    if (message.mode === 'delta' && message.base !== this.generation) return false;
    if (message.mode === 'full') this.assignments.clear();
    else {
      for (const { attemptId, removeContainer } of message.drop) {
        this.assignments.delete(attemptId);
        if (removeContainer) this.removals.add(attemptId);
      }
    }
    for (const assignment of message.put) {
      this.assignments.set(assignment.attemptId, assignment);
      // A ledger that was lost begins where the api knows it to be.
      const { attemptId, restarts, restartRequests } = assignment;
      if (restarts > 0 && !this.lives.has(attemptId)) this.lives.set(attemptId, { ...FIRST_LIFE, restarts, requestsMet: restartRequests });
    }
    this.generation = message.generation;
    for (const marks of [this.startMarked, this.delivered, this.lives, this.inputs, this.fenced, this.doubts, this.hindered]) {
      for (const id of marks.keys()) if (!this.assignments.has(id)) marks.delete(id);
    }
    return true;
  }

  livesOf(attemptId: string): Lives {
    return this.lives.get(attemptId) ?? FIRST_LIFE;
  }

  /** One more try to write what is not on disk yet; what is lost then, the api tells again. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.saved().catch(() => undefined);
  }

  /** Resolves when everything up to now is on disk; rejects only after `close`. */
  saved(): Promise<void> {
    if (this.#next) return this.#next;
    if (!this.#writing) {
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
      });
      return this.#writing;
    }
    const turn = (): Promise<void> => {
      this.#next = null;
      this.#writing = this.#write().finally(() => {
        this.#writing = null;
      });
      return this.#writing;
    };
    this.#next = this.#writing.then(turn, turn);
    return this.#next;
  }

  /** For what the api tells again if it gets lost: it goes to disk with the next change, or after a while. */
  saveSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = null;
      // Whoever needs it durable asks for that.
      this.saved().catch(() => undefined);
    }, SAVE_SOON_MS).unref();
  }

  async #write(): Promise<void> {
    for (let troubled = false; ; ) {
      const text = this.#text();
      if (text === this.#durable) return;
      this.#durable = null;
      try {
        await writeDurably(this.#path, text);
        this.#durable = text;
        return;
      } catch (error) {
        if (this.#closing.signal.aborted) throw error;
        if (!troubled) this.#trouble(error instanceof Error ? error.message : String(error));
        troubled = true;
      }
      await pause(WRITE_AGAIN_MS, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  #text(): string {
    const content: z.infer<typeof ledgerSchema> = {
      version: LEDGER_VERSION,
      hostId: this.#hostId,
      generation: this.generation,
      assignments: [...this.assignments.values()].map((assignment) => ({ ...assignment, credentials: null, secrets: undefined })),
      startMarked: [...this.startMarked],
      delivered: [...this.delivered],
      removals: [...this.removals],
      fenced: [...this.fenced],
      contact: this.contact,
      lives: [...this.lives].map(([attemptId, lives]) => ({ attemptId, ...lives })),
      inputs: [...this.inputs].map(([attemptId, startedAt]) => ({ attemptId, startedAt })),
      doubts: [...this.doubts].map(([attemptId, until]) => ({ attemptId, until })),
      hindered: [...this.hindered].map(([attemptId, since]) => ({ attemptId, since })),
    };
    return JSON.stringify(content);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
