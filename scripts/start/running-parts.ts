/** What was started, in order; stopped in reverse, once, whatever asked for it. */
import type { Child } from '../parts/child.ts';
import { seconds } from '../prepare/step.ts';

export interface RunningParts {
  /** `child`: when it ends by itself, everything is stopped. */
  add(name: string, stop: () => Promise<void>, child?: Child): void;
  /** Stops all, prints a line, ends this process. Later calls do nothing. */
  stopAll(exitCode: number): Promise<void>;
  readonly stopping: boolean;
}

export function runningParts(release: () => void): RunningParts {
  const parts: { name: string; stop: () => Promise<void> }[] = [];
  let stopping = false;

  const stopAll = async (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    const started = performance.now();
    process.stdout.write('\nStopping');
    for (const { name, stop } of parts.reverse()) {
      process.stdout.write(` · ${name}`);
      // One that will not stop must not keep the others up: the kernel ends it with this process.
      await stop().catch((error: unknown) => process.stdout.write(` (${error instanceof Error ? error.message : error})`));
    }
    release();
    process.stdout.write(` · done (${seconds(started)})\n`);
    process.exit(exitCode);
  };

  // Ctrl-C comes twice where npm passes it on as well: the second one finds us stopping.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stopAll(0));

  return {
    add(name, stop, child) {
      parts.push({ name, stop });
      void child?.exited.then(() => {
        if (stopping) return;
        console.error(`\n${child.ending()}`);
        void stopAll(1);
      });
    },
    stopAll,
    get stopping() {
      return stopping;
    },
  };
}
