/** Runs that are started several at once: the form's fields and the run array that they ask for. Pure. */
import type { CreateRunArray, Parameters, RunArray } from '@berth/shared/model/run-array';
import { joinWords, splitWords } from '../../lib/shell-words.ts';
import { defined, type FieldError, type FormValues, fieldOf, fromRequest, number, toRequest } from './form-values.ts';

export interface ArrayValues extends FormValues {
  count: string;
  parallelism: string;
  /** A line for each run: NAME=value, in words as a shell splits them. */
  parameters: string;
  /** Of the array itself, where it is made like another one: no field shows them. */
  arrayLabels?: Record<string, string>;
}

export const NO_ARRAY = { count: '', parallelism: '', parameters: '' } as const;

/** For another one like it. */
export function fromArray({ metadata, spec }: Pick<RunArray, 'metadata' | 'spec'>): ArrayValues {
  const { count, parallelism, parameters = [], template } = spec;
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));
  return {
    ...fromRequest({ metadata: { name: metadata.name, labels: template.labels }, spec: template.spec }),
    count: text(count),
    parallelism: text(parallelism),
    parameters: parameters.map(toLine).join('\n'),
    arrayLabels: metadata.labels,
  };
}

/** More than one run is asked for, or one as an array. */
export const isArray = ({ count, parallelism, parameters }: ArrayValues): boolean =>
  [count, parallelism, parameters].some((text) => text.trim() !== '');

/** `errors`: only what cannot be written as a request at all; the contract judges the rest. */
export function toArray(values: ArrayValues): { request: CreateRunArray; errors: FieldError[] } {
  const { request, errors } = toRequest(values);
  const count = (text: string) => (text.trim() === '' ? undefined : number(text));
  const { parameters, wrong } = toParameters(values.parameters);
  if (wrong !== null) errors.push({ field: 'parameters', message: wrong });
  if (values.name.trim() === '') errors.push({ field: 'name', message: 'is needed for several: all of them have it' });
  return {
    request: {
      metadata: defined({ name: values.name.trim(), labels: isEmpty(values.arrayLabels) ? undefined : values.arrayLabels }),
      spec: defined({
        count: count(values.count),
        parameters: parameters.length > 0 ? parameters : undefined,
        parallelism: count(values.parallelism),
        template: defined({ labels: request.metadata?.labels, spec: request.spec }),
      }),
    },
    errors,
  };
}

const isEmpty = (labels: Record<string, string> = {}): boolean => Object.keys(labels).length === 0;

/** A run without parameters has a line, too: of a word that is nothing. */
const NOTHING = "''";
const toLine = (own: Parameters): string => joinWords(Object.entries(own).map(([name, value]) => `${name}=${value}`)) || NOTHING;

/** As the contract has them, said with the line that it is about. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** One for each line that is not empty; `wrong` is about the first that cannot be read. */
function toParameters(text: string): { parameters: Parameters[]; wrong: string | null } {
  const lines = text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [{ number: index + 1, ...parametersOf(line) }]));
  const first = lines.find(({ wrong }) => wrong !== null);
  return { parameters: lines.map(({ own }) => own), wrong: first ? `line ${first.number}: ${first.wrong}` : null };
}

function parametersOf(line: string): { own: Parameters; wrong: string | null } {
  const split = splitWords(line);
  if (!split.ok) return { own: {}, wrong: split.message };
  const words = split.words.filter((word) => word !== '');
  const pairs = words.map((word): [name: string, value: string] => {
    const at = word.indexOf('=');
    return at < 0 ? ['', word] : [word.slice(0, at), word.slice(at + 1)];
  });
  const wrong = words.find((_, index) => !NAME.test(pairs[index]?.[0] ?? ''));
  if (wrong === undefined) return { own: Object.fromEntries(pairs), wrong: null };
  return { own: {}, wrong: `“${wrong}” is not NAME=value, with a name of letters, digits and “_”` };
}

/** The field behind a path of the contract of an array; null where no field stands for it. */
export function arrayFieldOf(path: string, values: ArrayValues): string | null {
  const [, inner] = /^spec\.template\.(.+)$/.exec(path) ?? [];
  if (inner !== undefined) return inner === 'spec.concurrency' ? 'concurrencyKey' : fieldOf(inner, values);
  const [, own] = /^spec\.(count|parallelism|parameters)\b/.exec(path) ?? [];
  return own ?? fieldOf(path, values);
}
