/** The built agent as a process of its own, to be started, stopped, killed and started again on the same home. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../apps/agent/dist/main.js', import.meta.url));

export interface AgentProcessOptions {
  url: string;
  home: string;
  engine: string;
  join?: string;
  /** Its policy file. */
  policy?: string;
  /** What it is started from; the one that was built with this repository where absent. */
  bundle?: string;
  /** Added to its environment. */
  env?: Record<string, string>;
}

export class AgentProcess {
  readonly child: ChildProcess;
  output = '';

  constructor({ url, home, engine, join = 'join', policy, bundle = MAIN, env }: AgentProcessOptions) {
    const args = [
      bundle,
      '--url',
      url,
      '--home',
      home,
      '--engine',
      engine,
      '--join',
      join,
      ...(policy === undefined ? [] : ['--policy', policy]),
    ];
    this.child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, LOG_LEVEL: 'debug', ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (data: Buffer) => {
        this.output = (this.output + data.toString()).slice(-100_000);
      });
    }
  }

  /** Resolves with the exit code when it is gone. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill(signal);
      await gone;
    }
    return this.child.exitCode;
  }
}
