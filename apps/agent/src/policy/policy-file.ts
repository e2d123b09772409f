/**
 * What this host allows, from a file that only its owner writes. Read anew each time that it is asked: a change counts from the next
 * container on. A file that cannot be read or understood allows nothing out of the ordinary.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { type HostPolicy, policyFileSchema, toPolicy } from '@berth/shared/model/host-policy';
import { plainPath } from '@berth/shared/model/plain-path';

export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

export class PolicyFile {
  readonly #path: string;
  readonly #guarded: () => readonly string[];

  /** `guarded`: what is never mounted unless the policy names it exactly. */
  constructor(path: string, guarded: () => readonly string[]) {
    this.#path = path;
    this.#guarded = guarded;
  }

  /** Throws PolicyError, with every fault of the file at once. */
  read(): HostPolicy {
    return toPolicy(policyFileSchema.parse(this.#content()), this.#guarded(), leadsTo);
  }

  /** As `read`; a faulty file allows nothing, updates neither, and `fault` says why. */
  now(): { policy: HostPolicy; fault: string | null } {
    try {
      return { policy: this.read(), fault: null };
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error);
      return { policy: toPolicy(policyFileSchema.parse({ updates: false }), this.#guarded(), leadsTo), fault };
    }
  }

  #content(): unknown {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      throw new PolicyError(`The policy ${this.#path} cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
    }
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch (error) {
      throw new PolicyError(`The policy ${this.#path} is not JSON: ${error instanceof Error ? error.message : String(error)}.`);
    }
    const parsed = policyFileSchema.safeParse(content);
    if (parsed.success) return content;
    const faults = parsed.error.issues.map(({ path, message }) => `${path.length === 0 ? 'the file' : path.join('.')}: ${message}`);
    throw new PolicyError(`The policy ${this.#path} is not valid: ${faults.join('; ')}.`);
  }
}

/** Where a path of the policy leads. What is not there is taken as it is written: it may come. */
function leadsTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return plainPath(path);
  }
}
