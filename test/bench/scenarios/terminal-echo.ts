/**
 * (l) From a key to its echo in a terminal over a console's websocket, against the same of `docker exec -it`. The echo is the kernel's, of the container's
 * tty; `script` gives the command line the tty that it asks for.
 */
import { spawn } from 'node:child_process';
import { terminalSchema } from '@berth/shared/http/terminals';
import { ConsoleClient } from '../console-client.ts';
import { alternate, type Figure, median, spread } from '../figures.ts';
import type { BenchStage } from '../stage.ts';
import type { BenchOptions } from './index.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const PATIENCE_MS = 20_000;

/** One key at a time, each another letter than the one before. */
class Echo {
  #await: { code: number; seen: () => void } | null = null;
  #typed = 0;

  readonly take = (data: Uint8Array): void => {
    if (this.#await && data.includes(this.#await.code)) this.#await.seen();
  };

  async of(type: (keys: string) => void): Promise<number> {
    const letter = LETTERS.charAt(this.#typed++ % LETTERS.length);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => reject(new Error(`"${letter}" was not echoed`)), PATIENCE_MS);
    this.#await = { code: letter.charCodeAt(0), seen: resolve };
    const start = performance.now();
    type(letter);
    try {
      await promise;
      return performance.now() - start;
    } finally {
      clearTimeout(timer);
      this.#await = null;
    }
  }
}

export async function terminalEcho({ berth, engine, shellImage }: BenchStage, { quick, progress }: BenchOptions): Promise<Figure[]> {
  const { client } = berth;
  const { metadata } = await client.createRun({
    image: shellImage,
    args: ['sleep', '3600'],
    pullPolicy: 'if-not-present',
    stopSignal: 'SIGKILL',
  });
  const { status } = await client.waitRun(metadata.id, 'running');
  const containerId = status.attempts.at(-1)?.containerId;
  if (!containerId) throw new Error('a run that runs has no container');
  const socket = await ConsoleClient.connect(client.account);
  const command = `docker exec -it ${containerId} cat`;
  const docker = spawn('script', ['-qfec', command, '/dev/null'], {
    env: { ...process.env, DOCKER_HOST: engine.host },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [ours, theirs] = [new Echo(), new Echo()];
    const { text } = await client.send('POST', `${client.base}/runs/${metadata.id}/terminals`, { command: ['cat'] });
    const type = await socket.useTerminal(metadata.id, terminalSchema.parse(JSON.parse(text)).id, ours.take);
    docker.stdout.on('data', theirs.take);
    const pairs = await alternate(
      quick ? 20 : 200,
      () => ours.of(type),
      () => theirs.of((keys) => void docker.stdin.write(keys)),
      10,
    );
    const [berthMs, dockerMs] = [pairs.map((pair) => pair.ours), pairs.map((pair) => pair.theirs)];
    progress(`p50 ${median(berthMs).toFixed(1)} ms, docker exec ${median(dockerMs).toFixed(1)} ms`);
    return [
      {
        scenario: 'l',
        name: 'echo of a key over that of docker exec -it, p50',
        value: median(berthMs) - median(dockerMs),
        unit: 'ms',
        baseline: null,
        bound: { of: 'value', kind: 'at-most', limit: 20 },
        details: { ...spread(berthMs), 'docker exec -it p50': median(dockerMs) },
      },
    ];
  } finally {
    docker.kill();
    socket.close();
    await client.killRun(metadata.id);
  }
}
