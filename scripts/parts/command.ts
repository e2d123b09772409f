/** Runs one command to its end; if this process ends first, it is told to end too. */
import { execFile } from 'node:child_process';
import { guarded, which } from './child.ts';

export interface CommandResult {
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
}

/** Rejects with the command's own last words when it does not end with 0. */
export function run(command: string, args: string[], options: CommandOptions = {}): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const [program, ...rest] = guarded('SIGTERM', [which(command) ?? command, ...args]);
    execFile(
      program,
      rest,
      { cwd: options.cwd, env: options.env ?? process.env, timeout: options.timeoutMs, maxBuffer: 64 * 2 ** 20 },
      (error, stdout, stderr) => {
        if (!error) return resolve({ stdout, stderr });
        const words = `${stdout.trim()}\n${stderr.trim()}`.trim().split('\n').slice(-40).join('\n') || error.message;
        reject(new Error(`${command} ${args[0] ?? ''} failed (${error.code ?? error.signal ?? 'unknown'}): ${words}`, { cause: error }));
      },
    );
  });
}

/** True when the command ends with 0. */
export async function succeeds(command: string, args: string[], options: CommandOptions = {}): Promise<boolean> {
  return run(command, args, options).then(
    () => true,
    () => false,
  );
}
