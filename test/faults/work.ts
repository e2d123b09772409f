/** What the runs of the suite do, each written once: as a shell script for a real engine, as a timeline for a simulated one. */
import { randomUUID } from 'node:crypto';
import { totalmem } from 'node:os';
import { z } from 'zod';
import { helloText } from '../../scripts/parts/images/hello-world.ts';
import { machineArchitecture } from '../../scripts/parts/images/image.ts';
import type { Behaviour, Timeline } from '../fakes/simulated-engine.ts';
import type { RunSpecInput } from '../support/client.ts';

const workSchema = z.discriminatedUnion('work', [
  z.strictObject({ work: z.literal('hello') }),
  /** Numbered lines on both streams, and an end of its own. */
  z.strictObject({ work: z.literal('lines'), lines: z.int(), pauseMs: z.int(), exitCode: z.int() }),
  /** Writes until it is told to end. */
  z.strictObject({ work: z.literal('until-told'), how: z.enum(['stop', 'kill']) }),
  /** Told to end as soon as it was asked for. */
  z.strictObject({ work: z.literal('called-off') }),
  /** Fails in its first lives, and is started again. */
  z.strictObject({ work: z.literal('restarted'), failures: z.int(), lines: z.int() }),
  /** Lines, with a host port of its own. */
  z.strictObject({ work: z.literal('port'), hostPort: z.int(), lines: z.int() }),
  /** Lines, with almost half of a host's memory. */
  z.strictObject({ work: z.literal('large'), lines: z.int() }),
]);
export type Work = z.infer<typeof workSchema>;

const VARIABLE = 'FAULT_WORK';
const SHORT_PAUSE_MS = 50;
/** More than a simulated host has: lives are a matter of real ones. */
const RESTARTED_MEMORY = '3Gi';
export const SIMULATED_MEMORY_BYTES = 2 * 2 ** 30;
const LARGE_SHARE = 0.45;

export function specOf(work: Work, onHostLost: 'wait' | 'replace' = 'wait'): RunSpecInput {
  // What is not said is `wait`.
  const policy = onHostLost === 'replace' ? { onHostLost } : {};
  if (work.work === 'hello') return { image: 'hello-world', pullPolicy: 'if-not-present', ...policy };
  const spec: RunSpecInput = {
    image: 'busybox',
    pullPolicy: 'if-not-present',
    command: ['/bin/sh', '-c', scriptOf(work)],
    env: { [VARIABLE]: JSON.stringify(work) },
    stopGracePeriodSeconds: 2,
    ...policy,
  };
  switch (work.work) {
    case 'restarted':
      return { ...spec, restart: { policy: 'on-failure', maxRetries: work.failures }, resources: { memory: RESTARTED_MEMORY } };
    case 'port':
      return { ...spec, ports: [{ containerPort: 8080, hostPort: work.hostPort }] };
    case 'large':
      return { ...spec, resources: { memory: `${Math.floor((totalmem() * LARGE_SHARE) / 2 ** 20)}Mi` } };
    case 'lines':
    case 'until-told':
    case 'called-off':
      return spec;
  }
}

interface Lines {
  /** Null: until a signal comes. */
  lines: number | null;
  pauseMs: number;
  exitCode: number;
  failures: number;
}

export function linesOf(work: Exclude<Work, { work: 'hello' }>): Lines {
  const usual = { pauseMs: SHORT_PAUSE_MS, exitCode: 0, failures: 0 };
  switch (work.work) {
    case 'lines':
      return { ...usual, lines: work.lines, pauseMs: work.pauseMs, exitCode: work.exitCode };
    case 'restarted':
      return { ...usual, lines: work.lines, failures: work.failures };
    case 'port':
    case 'large':
      return { ...usual, lines: work.lines };
    case 'until-told':
    case 'called-off':
      return { ...usual, lines: null, pauseMs: 200 };
  }
}

/** `n` lives before this one. The disk of the host may be full for a while: it is tried until it is kept, and as a whole, for a life may end meanwhile. */
const COUNT_LIFE = [
  'n=$(cat /lives 2>/dev/null || echo 0)',
  'until { echo $((n+1)) > /lives.new && mv /lives.new /lives; } 2>/dev/null; do sleep 0.1 & wait $!; done',
].join('; ');

/** Each life says first that it began, by an id that no other has: so the log itself tells of every start. */
function scriptOf(work: Exclude<Work, { work: 'hello' }>): string {
  const { lines, pauseMs, exitCode, failures } = linesOf(work);
  return [
    "trap 'exit 143' TERM",
    'echo "life $(cat /proc/sys/kernel/random/uuid)"',
    ...(failures > 0 ? [COUNT_LIFE] : []),
    `i=0; while ${lines === null ? ':' : `[ $i -lt ${lines} ]`}; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); sleep ${pauseMs / 1000} & wait $!; done`,
    ...(failures > 0 ? [`[ $n -lt ${failures} ] && exit 7`] : []),
    `exit ${exitCode}`,
  ].join('\n');
}

const SIMULATED_LINES = 3000;

export const workBehaviour: Behaviour = (spec) => {
  const base = { pullMs: 50, createMs: 20, startMs: 50, onStop: 'exits' } as const;
  const text = spec.env?.[VARIABLE];
  if (text === undefined) {
    const data = Buffer.from(helloText(machineArchitecture()));
    return { ...base, output: [{ atMs: 0, stream: 'stdout', data }], runMs: 5, exitCode: 0 };
  }
  const work = workSchema.parse(JSON.parse(text));
  if (work.work === 'hello') throw new Error('hello carries no work');
  const { lines, pauseMs, exitCode } = linesOf(work);
  const output: Timeline['output'] = [{ atMs: 0, stream: 'stdout', data: Buffer.from(`life ${randomUUID()}\n`) }];
  for (let line = 0; line < (lines ?? SIMULATED_LINES); line++) {
    output.push({ atMs: line * pauseMs, stream: 'stdout', data: Buffer.from(`out ${line}\n`) });
    output.push({ atMs: line * pauseMs, stream: 'stderr', data: Buffer.from(`err ${line}\n`) });
  }
  return { ...base, output, runMs: lines === null ? null : lines * pauseMs, exitCode };
};
