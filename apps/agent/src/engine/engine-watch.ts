/**
 * Whether the engine is there: a standing stream of its events, and an answer to a ping now and then, because the stream of an engine
 * that hangs stands as well. When either fails, look until both are there again.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ContainerEngine, EngineEvent, EngineFacts } from './container-engine.ts';

const RETRY_MS = { first: 200, most: 3000 };
const PING_EVERY_MS = 5000;

export interface EngineWatchEvents {
  ready(facts: EngineFacts): void;
  lost(message: string): void;
  event(event: EngineEvent): void;
}

export class EngineWatch {
  readonly #engine: ContainerEngine;
  readonly #events: EngineWatchEvents;
  readonly #abort = new AbortController();
  #close: (() => void) | null = null;
  readonly #firstLook = Promise.withResolvers<void>();

  constructor(engine: ContainerEngine, events: EngineWatchEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  /** Resolves when the engine was looked for once, found or not. */
  start(): Promise<void> {
    void this.#run();
    return this.#firstLook.promise;
  }

  stop(): void {
    this.#abort.abort();
    this.#close?.();
  }

  async #run(): Promise<void> {
    let delay = RETRY_MS.first;
    while (!this.#abort.signal.aborted) {
      const message = await this.#watchOnce(() => {
        delay = RETRY_MS.first;
      });
      if (this.#abort.signal.aborted) return;
      this.#events.lost(message);
      this.#firstLook.resolve();
      await pause(delay, undefined, { signal: this.#abort.signal }).catch(() => undefined);
      delay = Math.min(delay * 2, RETRY_MS.most);
    }
  }

  /** Returns why the engine is away. */
  async #watchOnce(ready: () => void): Promise<string> {
    // Nothing below has a time limit of its own.
    const alive = await this.#engine.answers();
    if (!alive.ok) return alive.failure.message;
    // Events first, facts then: what happens in between is not missed.
    const watching = await this.#engine.watchEvents((event) => this.#events.event(event));
    if (!watching.ok) return watching.failure.message;
    this.#close = watching.value.close;
    const facts = await this.#engine.facts();
    if (!facts.ok) {
      watching.value.close();
      return facts.failure.message;
    }
    ready();
    this.#events.ready(facts.value);
    this.#firstLook.resolve();
    const closed = watching.value.closed.then(() => 'the container engine went away');
    const ended = new AbortController();
    const message = await Promise.race([closed, this.#hung(ended.signal)]);
    ended.abort();
    watching.value.close();
    return message;
  }

  /** Resolves with a sentence once the engine does not answer, and where nobody needs to know any more. */
  async #hung(ended: AbortSignal): Promise<string> {
    for (;;) {
      await pause(PING_EVERY_MS, undefined, { signal: ended }).catch(() => undefined);
      if (ended.aborted) return '';
      const answered = await this.#engine.answers();
      if (!answered.ok) return answered.failure.message;
    }
  }
}
