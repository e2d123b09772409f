/** A command with a terminal of its own in a running container. */
import type { Duplex } from 'node:stream';
import type Docker from 'dockerode';
import type { OpenedTerminal, TerminalRequest } from './container-engine.ts';
import { endProcess } from './docker-exec.ts';

const END_OF_INPUT = '\x04';

/** Rejects with docker-modem's error. */
export async function openTerminalIn(docker: Docker, { containerId, command, columns, rows }: TerminalRequest): Promise<OpenedTerminal> {
  const exec = await docker.getContainer(containerId).exec({
    Cmd: [...command],
    Env: ['TERM=xterm-256color'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const stream: Duplex = await exec.start({ hijack: true, stdin: true, Tty: true });
  // Its first look at the size may come before this; programs ask again when it changes.
  await exec.resize({ h: rows, w: columns }).catch(() => undefined);
  const exit = new Promise<number | null>((resolve) => {
    const ended = () => {
      exec.inspect().then(
        ({ ExitCode }) => resolve(ExitCode ?? null),
        () => resolve(null),
      );
    };
    stream.once('end', ended);
    stream.once('close', ended);
    stream.once('error', ended);
  });
  return {
    stream,
    exit,
    resize: (w, h) => exec.resize({ h, w }).catch(() => undefined),
    end: () => {
      // The engine leaves a command alone whose connection ends; its process is ended where the agent sees it, else its input.
      const end = async () => {
        const { Pid, Running } = await exec.inspect();
        if (Running && !(await endProcess(Pid, containerId, 'SIGHUP'))) stream.write(END_OF_INPUT);
      };
      void end().catch(() => undefined);
    },
  };
}
