/** The agent as this Berth ships it, in one file, and the script that puts it on a machine. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { Inject, Injectable } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import type { OfferedAgent } from '../planning/status/version-skew.ts';

const SCRIPT = fileURLToPath(new URL('../../install/install.sh', import.meta.url));
const BUNDLE = fileURLToPath(new URL('../../../agent/dist/main.js', import.meta.url));

/** The first line of the file. */
const VERSION = /^\/\/ Berth agent (\S+)\n/;

export interface Bundle extends OfferedAgent {
  content: Buffer;
}

@Injectable()
export class AgentBundle {
  private bundle: Bundle | null = null;

  constructor(@Inject(ENV) private readonly env: Env) {}

  /** Read once: what was offered with its sum must not be another file a moment later. Throws where this installation has no agent. */
  read(): Bundle {
    if (this.bundle) return this.bundle;
    const content = readFileSync(this.env.AGENT_BUNDLE ?? BUNDLE);
    const version = VERSION.exec(content.toString('utf8', 0, 200))?.[1] ?? BERTH_VERSION;
    this.bundle = { content, version, sha256: createHash('sha256').update(content).digest('hex') };
    return this.bundle;
  }

  /** Null where this installation has no agent. */
  offered(): OfferedAgent | null {
    try {
      const { version, sha256 } = this.read();
      return { version, sha256 };
    } catch {
      return null;
    }
  }

  /** What installs it anew on a machine that is a host already. */
  get updateLine(): string {
    return `curl -fsSL ${this.env.PUBLIC_URL}/install.sh | sudo sh`;
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
