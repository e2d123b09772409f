/** Runs a program of node_modules with its output going to ours. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { guarded } from '../parts/child.ts';
import { repository } from '../parts/paths.ts';

/** Resolves to the exit code; 1 where a signal ended it. */
export function runProgram(script: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const [command, ...rest] = guarded('SIGTERM', [process.execPath, join(repository, 'node_modules', script), ...args]);
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { cwd: repository, stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
