/** Looks at the policy file now and then: what it allows now is told to the api, so that runs are placed by it. */
import type { HostPolicy } from '@berth/shared/model/host-policy';
import type { PolicyFile } from './policy-file.ts';

const LOOK_MS = 2000;

export class PolicyWatch {
  readonly #file: PolicyFile;
  readonly #timer: NodeJS.Timeout;
  /** As JSON; null before anything was told. */
  #told: string | null = null;

  /** `changed`: it is no longer what was last told. `fault`: why it allows nothing out of the ordinary. */
  constructor(file: PolicyFile, changed: (fault: string | null) => void) {
    this.#file = file;
    this.#timer = setInterval(() => {
      const { policy, fault } = file.now();
      if (this.#told === null || JSON.stringify(policy) === this.#told) return;
      this.#told = null;
      changed(fault);
    }, LOOK_MS).unref();
  }

  /** For the api, with every handshake. */
  tell(): HostPolicy {
    const { policy } = this.#file.now();
    this.#told = JSON.stringify(policy);
    return policy;
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
