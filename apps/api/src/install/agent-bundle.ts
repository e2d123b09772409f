/** The agent as this Berth ships it, in one file, and the script that puts it on a machine. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';

const SCRIPT = fileURLToPath(new URL('../../install/install.sh', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../../agent/dist/main.js', import.meta.url));

export interface Bundle {
  content: Buffer;
  /** In hex. */
  sha256: string;
}

@Injectable()
export class AgentBundle {
  private bundle: Bundle | null = null;

  constructor(@Inject(ENV) private readonly env: Env) {}

  /** Read once: what was offered with its sum must not be another file a moment later. Throws where this installation has no agent. */
  read(): Bundle {
    if (this.bundle) return this.bundle;
    const content = readFileSync(BUNDLE);
    this.bundle = { content, sha256: createHash('sha256').update(content).digest('hex') };
    return this.bundle;
  }

  script(): string {
    // It stands in single quotes there.
    const url = this.env.PUBLIC_URL.replaceAll("'", "'\\''");
    return readFileSync(SCRIPT, 'utf8')
      .replaceAll('@URL@', () => url)
      .replaceAll('@SHA256@', this.read().sha256);
  }
}

/** The line to paste on a machine. */
export const installLine = (url: string, joinToken: string): string => `curl -fsSL ${url}/install.sh | sudo sh -s -- --join ${joinToken}`;
