/**
 * Namespaces for processes and mounts that take everything in them along when they go: containers, shims, mounts. However this process
 * ends, nothing that ran in its sandboxes outlives it. Root on Linux only.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Child, type ChildOptions, startChild, which } from './child.ts';
import { type CommandResult, run, succeeds } from './command.ts';
import { until } from './until.ts';

export interface Sandbox {
  /** Of its first process, as seen from here: /proc/<pid>/root are the files as they are in it. */
  readonly pid: number;
  /** Starts a program in it. Its `signal` and `stop` do not reach the program itself: use `signal` below. */
  start(options: ChildOptions): Child;
  /** To the program that was started by `start`. */
  signal(child: Child, signal: NodeJS.Signals): void;
  /** Runs a program of the machine in it to its end. */
  run(command: string, args: string[]): Promise<CommandResult>;
  /** Ends everything in it. */
  destroy(): Promise<void>;
}

export interface SandboxOptions {
  /** A network of its own too: interfaces, addresses, ports and packet filters, with nothing in it but a loopback that is down. */
  network?: boolean;
}

/**
 * unshare holds the namespaces, and takes them along when it is killed (`--kill-child`); the shell in it is their first process, which
 * has to collect the processes whose parents ended.
 */
export async function startSandbox(logFile: string, { network = false }: SandboxOptions = {}): Promise<Sandbox> {
  const namespaces = ['--pid', '--mount', ...(network ? ['--net'] : [])];
  const holder = startChild({
    command: 'unshare',
    args: [...namespaces, '--fork', '--kill-child', '--mount-proc', 'sh', '-c', 'while :; do sleep 86400 & wait; done'],
    logFile,
  });
  const init = await until(() => childrenOf(holder.pid)[0], { what: 'the sandbox', failed: holder.ending });
  const enter = ['--target', String(init), ...namespaces];
  // Not before the new /proc is mounted: what enters earlier sees the processes of the machine.
  const seesItself = 'read -r pid rest < /proc/self/stat; [ "$pid" = "$$" ]';
  await until(() => succeeds('nsenter', [...enter, 'sh', '-c', seesItself]), { what: 'the sandbox to be ready', failed: holder.ending });
  return {
    pid: init,
    start: (options) =>
      // Entering mounts leaves the working folder behind.
      startChild({
        ...options,
        command: 'nsenter',
        args: [...enter, `--wd=${options.cwd ?? '/'}`, '--', which(options.command) ?? options.command, ...options.args],
      }),
    signal(child, signal) {
      // nsenter only waits for the program that it started, and passes no signal on to it.
      for (const pid of childrenOf(child.pid)) process.kill(pid, signal);
    },
    run: (command, args) => run('nsenter', [...enter, '--', which(command) ?? command, ...args]),
    async destroy() {
      await holder.stop('SIGKILL');
    },
  };
}

/** Process ids, as seen from here. */
export function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
}
