/**
 * What a container of the contract suite does, written once and carried out twice: as a shell script by a real engine,
 * as a timeline by a simulated one, which reads the program from the environment of the same spec.
 */
import type { RunSpec } from '@berth/shared/model/run';
import { z } from 'zod';
import type { Behaviour, Timeline } from './simulated-engine.ts';

const writeSchema = z.strictObject({
  kind: z.literal('write'),
  stream: z.enum(['stdout', 'stderr']),
  /** Hexadecimal, so that every byte can be said. */
  hex: z.string(),
});
const fillSchema = z.strictObject({
  kind: z.literal('fill'),
  stream: z.enum(['stdout', 'stderr']),
  /** Repeated, each with a line feed, until `bytes` are written. */
  line: z.string().regex(/^[A-Za-z0-9 .-]+$/),
  bytes: z.int().min(0),
});
const sleepSchema = z.strictObject({ kind: z.literal('sleep'), seconds: z.number() });

const programSchema = z.strictObject({
  steps: z.array(z.discriminatedUnion('kind', [writeSchema, fillSchema, sleepSchema])),
  exitCode: z.int().min(0).max(255),
  onStop: z.enum(['exits', 'ignores']),
});
export type Program = z.infer<typeof programSchema>;
type Step = Program['steps'][number];

const VARIABLE = 'BERTH_CONTRACT_PROGRAM';

export const write = (text: string | Uint8Array, stream: 'stdout' | 'stderr' = 'stdout'): Step => ({
  kind: 'write',
  stream,
  hex: Buffer.from(text).toString('hex'),
});
export const fill = (line: string, bytes: number, stream: 'stdout' | 'stderr' = 'stdout'): Step => ({ kind: 'fill', stream, line, bytes });
export const sleep = (seconds: number): Step => ({ kind: 'sleep', seconds });
export const program = (steps: Step[], rest: Partial<Omit<Program, 'steps'>> = {}): Program => ({
  steps,
  exitCode: 0,
  onStop: 'exits',
  ...rest,
});

export function programSpec(image: string, program: Program, rest: Partial<RunSpec> = {}): RunSpec {
  return { image, command: ['/bin/sh', '-c', toScript(program)], env: { [VARIABLE]: JSON.stringify(program) }, ...rest };
}

/** Every byte that the program writes to a stream, where nothing ends it early. */
export function expectedOutput(program: Program, stream: 'stdout' | 'stderr'): Buffer {
  return Buffer.concat(program.steps.filter((step) => step.kind !== 'sleep' && step.stream === stream).map(bytesOf));
}

function bytesOf(step: Step): Buffer {
  if (step.kind === 'write') return Buffer.from(step.hex, 'hex');
  if (step.kind === 'fill') return Buffer.alloc(step.bytes, `${step.line}\n`);
  return Buffer.alloc(0);
}

function toScript(program: Program): string {
  const lines = [program.onStop === 'exits' ? "trap 'exit 143' TERM" : "trap '' TERM"];
  for (const step of program.steps) {
    // A shell runs its trap only between commands: it waits for a sleeper in the background.
    if (step.kind === 'sleep') lines.push(`sleep ${step.seconds} & wait $!`);
    else lines.push(`${scriptOf(step)}${step.stream === 'stderr' ? ' >&2' : ''}`);
  }
  return [...lines, `exit ${program.exitCode}`].join('\n');
}

function scriptOf(step: Exclude<Step, { kind: 'sleep' }>): string {
  if (step.kind === 'fill') return `yes '${step.line}' | head -c ${step.bytes}`;
  const octal = [...Buffer.from(step.hex, 'hex')].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`);
  return `printf '${octal.join('')}'`;
}

/** How a simulated engine carries out the program that a spec carries. */
export const programBehaviour: Behaviour = (spec) => {
  const program = programSchema.parse(JSON.parse(spec.env?.[VARIABLE] ?? 'null'));
  const output: Timeline['output'] = [];
  let atMs = 0;
  for (const step of program.steps) {
    if (step.kind === 'sleep') atMs += step.seconds * 1000;
    else output.push({ atMs, stream: step.stream, data: bytesOf(step) });
  }
  return { pullMs: 20, createMs: 5, startMs: 20, output, runMs: atMs, exitCode: program.exitCode, onStop: program.onStop };
};
