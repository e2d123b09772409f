/** A command in a running container, to its end: its output, bounded, and its exit code. */
import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { ExecOutput, ExecRequest, ExecResult, OutputStream } from './container-engine.ts';
import { FrameDecoder } from './frames.ts';

class Kept {
  readonly #keep: number;
  readonly #parts: Buffer[] = [];
  #kept = 0;
  bytes = 0;

  constructor(keep: number) {
    this.#keep = keep;
  }

  add(bytes: Buffer): void {
    this.bytes += bytes.length;
    const part = bytes.subarray(0, this.#keep - this.#kept);
    if (part.length === 0) return;
    // The decoder's views are of a buffer that is used again.
    this.#parts.push(Buffer.from(part));
    this.#kept += part.length;
  }

  output(): ExecOutput {
    return { data: Buffer.concat(this.#parts), bytes: this.bytes };
  }
}

/** Rejects with docker-modem's error. */
export async function execIn(docker: Docker, request: ExecRequest): Promise<ExecResult> {
  const { containerId, command, env, workingDir, user, stdin, timeoutMs, keep } = request;
  const exec = await docker.getContainer(containerId).exec({
    Cmd: [...command],
    Env: [...env],
    AttachStdin: stdin !== null,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    ...(workingDir === null ? {} : { WorkingDir: workingDir }),
    ...(user === null ? {} : { User: user }),
  });
  const kept: Record<OutputStream, Kept> = { stdout: new Kept(keep), stderr: new Kept(keep) };
  const stream = await exec.start({ hijack: true, stdin: true });
  const inTime = await drain(stream, stdin, kept, timeoutMs);
  const { ExitCode, Running, Pid } = await exec.inspect();
  // The engine cannot end a command; where this is its host, its process can be.
  const goesOn = !inTime && Running && !(await endProcess(Pid, containerId));
  const exitCode = inTime && !Running && typeof ExitCode === 'number' ? ExitCode : null;
  return { exitCode, running: goesOn, stdout: kept.stdout.output(), stderr: kept.stderr.output() };
}

/** False: the time was up. Rejects where the connection breaks. */
function drain(stream: Duplex, stdin: Buffer | null, kept: Record<OutputStream, Kept>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder({ payload: (of, bytes) => kept[of].add(bytes) });
    let framed = true;
    const timer = setTimeout(() => done(false), timeoutMs);
    const done = (inTime: boolean) => {
      clearTimeout(timer);
      stream.destroy();
      resolve(inTime);
    };
    stream.on('data', (chunk: Buffer) => {
      try {
        if (framed) return decoder.push(chunk);
      } catch {
        // What the engine itself says of a command that cannot be started comes without frames.
        framed = false;
      }
      kept.stderr.add(chunk);
    });
    stream.once('end', () => done(true));
    stream.once('close', () => done(true));
    stream.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // Half closed: the command reads the end of its input, and its output still comes.
    stream.end(stdin ?? undefined);
  });
}

/** Only a process that is in this container: elsewhere the number would be another's. False: it could not be ended. */
export async function endProcess(pid: number, containerId: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<boolean> {
  try {
    if (pid <= 1 || !(await readFile(`/proc/${pid}/cgroup`, 'utf8')).includes(containerId)) return false;
    process.kill(pid, signal);
    return true;
  } catch {
    // The agent does not see the host's processes.
    return false;
  }
}
