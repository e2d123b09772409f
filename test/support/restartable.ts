/** Processes of Berth that a test ends, freezes and starts again with everything that they had. */
import { type Child, startChild } from '../../scripts/parts/child.ts';
import type { Sandbox } from '../../scripts/parts/sandbox.ts';

/** A process that can be ended and started again with everything that it had. */
export interface Restartable {
  /** Of the running process. Throws when it does not run. */
  readonly pid: number;
  /** False before its first start, and after its end. */
  readonly isRunning: boolean;
  start(): Promise<void>;
  /** SIGTERM, and waits for its end. */
  stop(): Promise<void>;
  /** SIGKILL, and waits for its end. */
  kill(): Promise<void>;
  /** SIGSTOP: it is there and says nothing. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  signal(name: NodeJS.Signals): void;
  /** The last lines of its log. */
  log(lines?: number): string;
}

export interface RestartableOptions {
  /** "the api" */
  what: string;
  logFile: string;
  /** Node where absent. */
  command?: string;
  args: string[];
  env: Record<string, string>;
  /** Where it runs, if not beside us. */
  sandbox?: Sandbox;
  /** Resolves once it works. */
  ready(child: Child): Promise<void>;
}

/** Not yet started. */
export function restartable({ what, logFile, command = process.execPath, args, env, sandbox, ready }: RestartableOptions): Restartable {
  let child: Child | undefined;
  const running = (): Child => {
    if (!child || child.exit) throw new Error(`${what} does not run`);
    return child;
  };
  const signal = (to: Child, name: NodeJS.Signals) => {
    if (sandbox) sandbox.signal(to, name);
    else to.signal(name);
  };
  const end = async (name: NodeJS.Signals) => {
    if (!child || child.exit) return;
    // A frozen process takes no other signal than SIGKILL before it goes on.
    if (name !== 'SIGKILL') child.signal('SIGCONT');
    if (!sandbox) return void (await child.stop(name, 15_000));
    sandbox.signal(child, name);
    // What put it into its sandbox freezes with it.
    child.signal('SIGCONT');
    await child.exited;
  };
  return {
    get pid() {
      return running().pid;
    },
    get isRunning() {
      return child !== undefined && !child.exit;
    },
    async start() {
      if (child && !child.exit) throw new Error(`${what} runs already`);
      const options = { command, args, env: withOwn(env), logFile };
      child = sandbox ? sandbox.start(options) : startChild(options);
      await ready(child);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    freeze: () => signal(running(), 'SIGSTOP'),
    // In a sandbox by what put it there, which stopped with it and passes this on.
    thaw: () => running().signal('SIGCONT'),
    signal: (name) => signal(running(), name),
    log: (lines = 60) => child?.tail(lines) ?? '',
  };
}

/** Parts under test see nothing of the environment of the tests but what a process needs. */
export function withOwn(env: Record<string, string>): NodeJS.ProcessEnv {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), NODE_ENV: 'production', ...env };
}
