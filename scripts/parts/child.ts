/**
 * A child process that never outlives this one.
 *
 * - It leads a session of its own, so that Ctrl-C in the terminal reaches only the launcher, which then stops its parts in order.
 * - On Linux the kernel itself sends it `deathSignal` when this process ends, however it ends (prctl PR_SET_PDEATHSIG, through
 *   setpriv of util-linux); elsewhere an exit hook does what it can.
 */
import { spawn } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface ChildOptions {
  /** Absolute path, or a name that is looked up on PATH. */
  command: string;
  args: string[];
  /** Standard output and error are appended here. */
  logFile: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to standard input, which is then closed. */
  input?: string;
  /** What the kernel sends when this process ends. SIGKILL where absent. */
  deathSignal?: NodeJS.Signals;
  /** Root only: run as this user. */
  user?: { uid: number; gid: number };
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Child {
  readonly pid: number;
  /** Set once it has ended. */
  readonly exit: Exit | undefined;
  readonly exited: Promise<Exit>;
  /** Does nothing once it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Sends `signal`, and SIGKILL if it has not ended after `graceMs`. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<Exit>;
  /** The last lines that it wrote. */
  tail(lines?: number): string;
  /** Undefined while it runs; then how it ended, and its last lines. */
  ending(): string | undefined;
}

/** For where the kernel does not do it. */
const endWithThisProcess = new Set<() => void>();
process.once('exit', () => {
  for (const end of endWithThisProcess) end();
});

/** Absolute path of `name` on PATH or in the folders of system programs, or undefined. */
export function which(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The command line with which the kernel sends `deathSignal` to the program when its parent ends; where that is not possible, as it is. */
export function guarded(deathSignal: NodeJS.Signals, commandLine: string[], user?: { uid: number; gid: number }): [string, ...string[]] {
  const setpriv = process.platform === 'linux' ? which('setpriv') : undefined;
  const [command = '', ...args] = commandLine;
  if (!setpriv) return [command, ...args];
  // The kernel forgets the death signal when ids change, so the same program that changes them must set it afterwards.
  const ids = user ? ['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'] : [];
  return [setpriv, '--pdeathsig', deathSignal.replace('SIG', ''), ...ids, '--', command, ...args];
}

export function startChild(options: ChildOptions): Child {
  const program = which(options.command) ?? options.command;
  if (!isExecutable(program)) throw new Error(`${options.command} is not installed`);
  const deathSignal = options.deathSignal ?? 'SIGKILL';
  const [command, ...args] = guarded(deathSignal, [program, ...options.args], options.user);
  const log = openSync(options.logFile, 'a', 0o600);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    detached: true,
    stdio: [options.input === undefined ? 'ignore' : 'pipe', log, log],
    ...(command === program ? options.user : {}),
  });
  closeSync(log);
  child.stdin?.end(options.input);

  let exit: Exit | undefined;
  const endWithParent = () => signal(deathSignal);
  endWithThisProcess.add(endWithParent);
  const exited = new Promise<Exit>((resolve) => {
    const ended = (result: Exit) => {
      exit ??= result;
      endWithThisProcess.delete(endWithParent);
      resolve(exit);
    };
    child.once('exit', (code, signalName) => ended({ code, signal: signalName }));
    child.once('error', () => ended({ code: 127, signal: null }));
  });
  const signal = (name: NodeJS.Signals) => {
    if (!exit) child.kill(name);
  };
  return {
    pid: child.pid ?? -1,
    get exit() {
      return exit;
    },
    exited,
    signal,
    async stop(name = 'SIGTERM', graceMs = 10_000) {
      signal(name);
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      const result = await exited;
      clearTimeout(timer);
      return result;
    },
    tail: (lines = 20) => tailOf(options.logFile, lines),
    ending: () => exit && `${options.command} ended (${exit.signal ?? exit.code}):\n${tailOf(options.logFile, 20)}`,
  };
}

export function tailOf(file: string, lines = 20): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
}
