/** `docker run` as people use it: the command line, as a process, on the engine of the stage. */
import { spawn } from 'node:child_process';

export interface DockerRun {
  exitCode: number;
  /** Milliseconds after the spawn. */
  firstByteMs: number | null;
  lastByteMs: number | null;
  exitMs: number;
}

/** `docker run --rm <args>` with its output on a pipe. */
export function dockerRun(
  engineHost: string,
  args: readonly string[],
  onData: (data: Buffer) => void = () => undefined,
): Promise<DockerRun> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn('docker', ['run', '--rm', ...args], {
      env: { ...process.env, DOCKER_HOST: engineHost },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let firstByteMs: number | null = null;
    let lastByteMs: number | null = null;
    let complaint = '';
    child.stdout.on('data', (data: Buffer) => {
      lastByteMs = performance.now() - start;
      firstByteMs ??= lastByteMs;
      onData(data);
    });
    child.stderr.on('data', (data: Buffer) => {
      complaint += data.toString();
    });
    child.on('error', reject);
    child.on('close', (exitCode) => {
      const exitMs = performance.now() - start;
      if (exitCode === 0) resolve({ exitCode, firstByteMs, lastByteMs, exitMs });
      else reject(new Error(`docker run ${args.join(' ')} ended with ${exitCode}: ${complaint}`));
    });
  });
}
