/** PURE. What a container is asked for, without the values of its secrets. */

import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import type { RunSpec } from '@berth/shared/model/run';
import { SECRET_MASK } from '@berth/shared/model/secret';
import type { ExecOutput } from '../engine/container-engine.ts';
import { MaskedStream, maskedText } from './masked-stream.ts';
import type { SecretMatcher } from './secret-matcher.ts';

type Json = Record<string, unknown>;

/** Where the engine's JSON can have a value: in its words for what is run, and in what a check wrote. All else names things. */
const PLACES = [
  ['Args'],
  ['Path'],
  ['State', 'Error'],
  ['State', 'Health'],
  ['Config', 'Cmd'],
  ['Config', 'Entrypoint'],
  ['Config', 'Healthcheck'],
];

/** A variable that is a secret's is masked whatever it has; another value than the secret's is told as one. */
export function maskedInspection(engine: Json, spec: RunSpec, values: ReadonlyMap<string, string>, matcher: SecretMatcher | null): Json {
  const names = new Set((spec.secrets ?? []).flatMap(({ env }) => env ?? []));
  const shown =
    matcher === null
      ? structuredClone(engine)
      : PLACES.reduce((json, path) => at(json, path, (value) => maskedJson(matcher, value)), structuredClone(engine));
  return at(shown, ['Config', 'Env'], (lines) =>
    Array.isArray(lines) ? lines.map((line) => (typeof line === 'string' ? maskedLine(line, names, values, matcher) : line)) : lines,
  );
}

function maskedLine(line: string, names: ReadonlySet<string>, values: ReadonlyMap<string, string>, matcher: SecretMatcher | null): string {
  const name = line.slice(0, Math.max(0, line.indexOf('=')));
  if (!names.has(name)) return matcher === null ? line : maskedText(matcher, line);
  const known = values.get(name);
  return `${name}=${SECRET_MASK}${known === undefined || line === `${name}=${known}` ? '' : OTHER}`;
}

/** Behind the mask of a variable that has another value than its secret. */
const OTHER = ' (another value)';

function at(json: Json, [name, ...rest]: readonly string[], change: (value: unknown) => unknown): Json {
  if (name === undefined || !(name in json)) return json;
  const value = json[name];
  if (rest.length === 0) return { ...json, [name]: change(value) };
  return isJson(value) ? { ...json, [name]: at(value, rest, change) } : json;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function maskedJson(matcher: SecretMatcher, value: unknown): unknown {
  if (typeof value === 'string') return maskedText(matcher, value);
  if (Array.isArray(value)) return value.map((each) => maskedJson(matcher, each));
  if (!isJson(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, maskedJson(matcher, each)]));
}

/** Where more was written than is kept, what its end may be the beginning of is masked, too. */
export function maskedExec(matcher: SecretMatcher, { data, bytes }: ExecOutput): ExecOutput {
  const stream = new MaskedStream(matcher);
  const decided = stream.push(data);
  const rest = stream.end();
  return { data: Buffer.concat([decided, bytes > data.length ? Buffer.alloc(rest.length, '*') : rest]), bytes };
}

/** The tar of a file or a folder stays one: as many bytes are in the place of a value. */
export function maskedArchive(matcher: SecretMatcher, archive: Readable): Readable {
  const stream = new MaskedStream(matcher);
  const masked = new Transform({
    transform: (chunk: Buffer, _, done) => done(null, stream.push(chunk)),
    flush: (done) => done(null, stream.end()),
  });
  archive.once('error', (error) => masked.destroy(error));
  masked.once('close', () => archive.destroy());
  return archive.pipe(masked);
}
