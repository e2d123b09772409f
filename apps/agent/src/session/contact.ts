/**
 * How long nothing was heard of the api. By the machine's time since its start: a clock that is set changes nothing, a machine that was
 * suspended counts, and another process of the agent goes on counting.
 */
import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

/** `at`: seconds since the start of the machine that `boot` names. */
export interface LastContact {
  boot: string;
  at: number;
}

export class Contact {
  readonly #boot: string | null;
  #at: number | null;

  private constructor(boot: string | null, at: number | null) {
    this.#boot = boot;
    this.#at = at;
  }

  /** `kept`: what an earlier process knew. */
  static async open(kept: LastContact | null): Promise<Contact> {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
      (text) => text.trim(),
      () => null,
    );
    return new Contact(boot, boot !== null && kept?.boot === boot ? kept.at : null);
  }

  /** To be taken before something is said that the api will answer. */
  now(): number {
    return uptime();
  }

  /** The api has answered what was said at that time, or after it. */
  heard(saidAt: number): void {
    if (this.#at === null || saidAt > this.#at) this.#at = saidAt;
  }

  /** Seconds; without end where it was never heard since the machine started. */
  get age(): number {
    return this.#at === null ? Number.POSITIVE_INFINITY : Math.max(0, uptime() - this.#at);
  }

  get kept(): LastContact | null {
    return this.#boot === null || this.#at === null ? null : { boot: this.#boot, at: this.#at };
  }
}
