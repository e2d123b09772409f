/** `npm start` as a user would have it, in a sandbox: its private engine and the containers that it leaves running end with the suite. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Child, Exit } from '../../scripts/parts/child.ts';
import { engineNetwork } from '../../scripts/parts/engine-network.ts';
import { freePort } from '../../scripts/parts/free-port.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { type Sandbox, startSandbox } from '../../scripts/parts/sandbox.ts';
import { type BerthClient, createClient } from './client.ts';
import { eventually } from './eventually.ts';
import { temporaryFolder } from './temporary.ts';

const DEFAULT_SOCKET = '/var/run/docker.sock';

export interface Launch {
  /** Everything that it has printed so far. */
  output(): string;
  /** Waits for text in the output; fails at once when the launcher ends first. */
  printed(text: string | RegExp, timeoutMs?: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
}

export interface Machine {
  readonly home: string;
  readonly port: number;
  launch(args?: string[], env?: Record<string, string>): Launch;
  /** With what $BERTH_HOME/credentials.json says. */
  client(): BerthClient;
  /** Names of the programs that run on it, besides what holds the sandbox. */
  programs(): Promise<string[]>;
  remove(): Promise<void>;
}

/** A machine without a container engine, as far as the launcher can see. */
export async function startMachine(): Promise<Machine> {
  const [folder, port] = await Promise.all([temporaryFolder('machine'), freePort()]);
  const home = join(folder, 'home');
  const sandbox = await startSandbox(join(folder, 'sandbox.log'));
  if (existsSync(DEFAULT_SOCKET)) await complete(sandbox, folder, 'mount', ['--bind', '/dev/null', DEFAULT_SOCKET]);
  let launches = 0;
  const engines = new Set<string>();
  return {
    home,
    port,
    launch(args = [], env = {}) {
      const logFile = join(folder, `launch-${++launches}.log`);
      const child = sandbox.start({
        command: process.execPath,
        args: ['scripts/with-node24.mjs', 'scripts/start/main.ts', ...args],
        cwd: repository,
        env: { PATH: process.env.PATH, HOME: process.env.HOME, BERTH_HOME: home, PORT: String(port), ...env },
        logFile,
      });
      const output = () => {
        const text = existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
        const id = /\/(berth-[0-9a-f]{8})\/docker\.sock/.exec(text)?.[1];
        if (id) engines.add(id);
        return text;
      };
      return {
        output,
        exited: child.exited,
        signal: (signal) => sandbox.signal(child, signal),
        printed: (text, timeoutMs = 120_000) =>
          eventually(
            `the launcher to print ${text}`,
            () => (typeof text === 'string' ? output().includes(text) : text.test(output())) && output(),
            output,
            timeoutMs,
            child.ending,
          ),
      };
    },
    client: () => createClient(JSON.parse(readFileSync(join(home, 'credentials.json'), 'utf8'))),
    async programs() {
      const text = await complete(sandbox, folder, 'ps', ['-e', '-o', 'pid=,comm=']);
      const processes = text.split('\n').map((line) => line.trim().split(/\s+/));
      // The holder of the sandbox is process 1 with its sleep; ps sees itself.
      return processes.flatMap(([pid, name]) => (name && pid !== '1' && !['sleep', 'ps'].includes(name) ? [name] : []));
    },
    async remove() {
      await sandbox.destroy();
      for (const engine of engines) {
        await engineNetwork(engine).remove();
        rmSync(`/run/${engine}`, { recursive: true, force: true });
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a program in the sandbox to its end and returns what it wrote. */
async function complete(sandbox: Sandbox, folder: string, command: string, args: string[]): Promise<string> {
  const logFile = join(folder, `${command}-${process.hrtime.bigint()}.log`);
  const child: Child = sandbox.start({ command, args, logFile });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(`${command} in the sandbox: ${child.ending()}`);
  return readFileSync(logFile, 'utf8');
}
