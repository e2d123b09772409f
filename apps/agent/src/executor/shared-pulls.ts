/**
 * Pulls of the same image with the same credentials at the same time are one pull; it is aborted when nobody wants it any more.
 * Looks at the host for the same image at the same time are one look.
 */
import type { Outcome } from '@berth/shared/errors/outcome';
import type { Pull } from '@berth/shared/model/pull';
import type { ContainerEngine, Credentials, LocalImage } from '../engine/container-engine.ts';

interface SharedPull {
  done: Promise<Outcome<Pull>>;
  abort: AbortController;
  /** By attempt. */
  listeners: Map<string, (pull: Pull) => void>;
  last: Pull | null;
}

export class SharedPulls {
  readonly #engine: ContainerEngine;
  readonly #pulls = new Map<string, SharedPull>();
  readonly #looks = new Map<string, Promise<Outcome<LocalImage | null>>>();

  constructor(engine: ContainerEngine) {
    this.#engine = engine;
  }

  /** The image on the host; null where it is not there. */
  find(reference: string): Promise<Outcome<LocalImage | null>> {
    const under = this.#looks.get(reference);
    if (under) return under;
    const look = this.#engine.findImage(reference).finally(() => this.#looks.delete(reference));
    this.#looks.set(reference, look);
    return look;
  }

  /** Resolves early, with the reason `cancelled`, where this attempt leaves. */
  async join(
    attemptId: string,
    reference: string,
    credentials: Credentials | null,
    listener: (pull: Pull) => void,
  ): Promise<Outcome<Pull>> {
    const key = JSON.stringify([reference, credentials?.server, credentials?.username, credentials?.password]);
    const pull = this.#pulls.get(key) ?? this.#begin(key, reference, credentials);
    const left = Promise.withResolvers<Outcome<Pull>>();
    pull.listeners.set(attemptId, listener);
    pull.abort.signal.addEventListener('abort', () => left.resolve(CANCELLED), { once: true });
    this.#leavers.set(attemptId, () => {
      pull.listeners.delete(attemptId);
      left.resolve(CANCELLED);
      if (pull.listeners.size === 0) {
        // A newcomer must not join what is being aborted.
        this.#pulls.delete(key);
        pull.abort.abort();
      }
    });
    if (pull.last) listener(pull.last);
    const outcome = await Promise.race([pull.done, left.promise]);
    this.#leavers.delete(attemptId);
    return outcome;
  }

  leave(attemptId: string): void {
    this.#leavers.get(attemptId)?.();
  }

  readonly #leavers = new Map<string, () => void>();

  #begin(key: string, reference: string, credentials: Credentials | null): SharedPull {
    const abort = new AbortController();
    const listeners = new Map<string, (pull: Pull) => void>();
    const progress = (pull: Pull) => {
      shared.last = pull;
      for (const listener of listeners.values()) listener(pull);
    };
    const shared: SharedPull = {
      abort,
      listeners,
      last: null,
      done: this.#engine.pullImage(reference, credentials, progress, abort.signal),
    };
    this.#pulls.set(key, shared);
    void shared.done.then(() => {
      if (this.#pulls.get(key) === shared) this.#pulls.delete(key);
    });
    return shared;
  }
}

const CANCELLED: Outcome<Pull> = { ok: false, failure: { kind: 'cannot-now', reason: 'cancelled', message: 'the pull was cancelled' } };
