/** What the suites of faults share: real parts, and what became of a run by the engine's own record. */
import type { Host } from '@berth/shared/model/host';
import type { RunStatus } from '@berth/shared/model/run';
import Docker from 'dockerode';
import { expect, vi } from 'vitest';
import { z } from 'zod';
import { type Berth, startBerth } from '../support/berth.ts';
import type { BerthClient, Run, RunSpecInput } from '../support/client.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startMirror } from '../support/registry.ts';
import type { EngineProxy, ProxyRequest } from './engine-proxy.ts';

// Longer than any wait within a test: a wait that fails tells what it saw last.
vi.setConfig({ testTimeout: 150_000 });

/** Only so many of the last lines of a log go into the message of a failed wait. */
const LOG_LINES = 30;

export interface FaultStage {
  readonly mirror: RegistryPart;
  readonly engine: Engine;
  readonly berth: Berth;
  readonly client: BerthClient;
  close(): Promise<void>;
}

/** Without any agent: a suite enrols those that it needs. `env`: of the api. */
export async function openFaultStage(env: Record<string, string> = {}): Promise<FaultStage> {
  const mirror = await startMirror();
  const [engine, berth] = await Promise.all([startEngine({ mirror: mirror.url }), startBerth({ env })]);
  return {
    mirror,
    engine,
    berth,
    client: berth.client,
    async close() {
      await berth.stop();
      await engine.destroy();
      await mirror.stop();
    },
  };
}

/** A run of busybox's shell, from the mirror. */
export const sh = (script: string, rest: Partial<RunSpecInput> = {}): RunSpecInput => ({
  image: 'busybox',
  pullPolicy: 'if-not-present',
  command: ['/bin/sh', '-c', script],
  stopGracePeriodSeconds: 0,
  ...rest,
});

/** Numbered lines on both streams, ten a second: enough time for a fault, and every byte is known. */
export const counting = (lines: number): RunSpecInput =>
  sh(`i=0; while [ $i -lt ${lines} ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); sleep 0.1; done`);

const numbered = (word: string, lines: number) => Array.from({ length: lines }, (_, line) => `${word} ${line}\n`).join('');

/** Makes a file in the container of a run, by its engine itself: what waits for it goes on. */
export async function touch(engine: Engine, run: Run, path: string): Promise<void> {
  const [container] = await containersOf(engine, run);
  if (!container) throw new Error(`run ${run.metadata.name} has no container`);
  const exec = await dockerOf(engine)
    .getContainer(container.Id)
    .exec({ Cmd: ['touch', path] });
  await exec.start({});
}

/** Nothing of `counting` is lost and nothing came twice. */
export async function expectAllCounted(client: BerthClient, run: Run, lines: number): Promise<void> {
  const [stdout, stderr] = await Promise.all([client.logBytes(run.metadata.id, 'stdout'), client.logBytes(run.metadata.id, 'stderr')]);
  expect(stdout.toString()).toBe(numbered('out', lines));
  expect(stderr.toString()).toBe(numbered('err', lines));
}

/** The run once its status is so; what it was last seen as where the time is up. */
export function reached(
  client: BerthClient,
  run: Run,
  what: string,
  isSo: (status: RunStatus) => boolean,
  timeoutMs = 30_000,
  logs: () => unknown = () => undefined,
): Promise<Run> {
  let last: Run | undefined;
  return eventually(
    `run ${run.metadata.name} to be ${what}`,
    async () => {
      last = await client.getRun(run.metadata.id);
      return isSo(last.status) ? last : null;
    },
    () => ({ status: last?.status, logs: logs() }),
    timeoutMs,
  );
}

export const isOver = ({ phase }: RunStatus) => ['exited', 'failed', 'cancelled', 'lost'].includes(phase);

/** The run at its end; survives an api that is away meanwhile. */
export const ended = (client: BerthClient, run: Run, timeoutMs = 60_000) => reached(client, run, 'at an end', isOver, timeoutMs);

export const running = (client: BerthClient, run: Run) =>
  reached(client, run, 'running', ({ phase }) => {
    if (phase === 'failed' || phase === 'lost' || phase === 'cancelled') throw new Error(`the run is ${phase}`);
    return phase === 'running';
  });

export function hostIs(client: BerthClient, { hostId }: { hostId: string }, state: Host['status']['state']): Promise<Host> {
  let last: Host | undefined;
  return eventually(
    `host ${hostId} to be ${state}`,
    async () => {
      last = await client.getHost(hostId);
      return last.status.state === state && last;
    },
    () => last,
  );
}

export function printed(client: BerthClient, run: Run, text: string): Promise<string> {
  let last = '';
  return eventually(
    `run ${run.metadata.name} to print ${JSON.stringify(text)}`,
    async () => {
      last = await client.logs(run.metadata.id);
      return last.includes(text) ? last : null;
    },
    async () => ({ printed: last.slice(-500), status: (await client.getRun(run.metadata.id)).status }),
  );
}

export const logsOf = (...parts: { log(lines?: number): string }[]) => parts.map((part) => part.log(LOG_LINES).split('\n'));

const eventSchema = z.object({ Actor: z.object({ ID: z.string() }) });

/** One attempt, one container, and by the engine's own events one start (law L5). Engines forget their events when they restart. */
export async function expectStartedOnce(engine: Engine, run: Run): Promise<void> {
  expect(run.status.attempts).toHaveLength(1);
  expect(await containersOf(engine, run)).toHaveLength(1);
  expect(await startsOf(engine, run)).toBe(1);
}

export function containersOf(engine: Engine, run: Run): Promise<Docker.ContainerInfo[]> {
  return dockerOf(engine).listContainers({ all: true, filters: { label: [`berth.run=${run.metadata.id}`] } });
}

export async function startsOf(engine: Engine, run: Run): Promise<number> {
  const stream = await dockerOf(engine).getEvents({
    since: 0,
    // To the millisecond, so that the answer ends at once.
    until: Date.now() / 1000,
    filters: JSON.stringify({ type: ['container'], event: ['start'], label: [`berth.run=${run.metadata.id}`] }),
  });
  let text = '';
  for await (const piece of stream) text += piece.toString();
  const events = text.split('\n').filter((line) => line !== '');
  return events.map((line) => eventSchema.parse(JSON.parse(line))).length;
}

export const dockerOf = (engine: Engine) => new Docker({ socketPath: engine.socket });

/**
 * Does `act` in the moment of the agent's next such request to its engine. `before`: the request waits for it. `after`: the engine has
 * answered, and the agent does not know yet. Resolves when it is done.
 */
export function atRequest(proxy: EngineProxy, path: RegExp, when: 'before' | 'after', act: () => Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const hook = async (request: ProxyRequest) => {
    if (request.method !== 'POST' || !path.test(request.path)) return;
    proxy.hooks = {};
    await act().then(resolve, reject);
  };
  proxy.hooks = { [when]: hook };
  return promise;
}
