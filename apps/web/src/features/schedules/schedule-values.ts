/** The form's fields and the request, each from the other. Pure. What the form has no field for stays as it was. */
import type { CreateSchedule, Overlap, ScheduleSpec } from '@berth/shared/model/schedule';
import { joinWords, splitWords } from '../../lib/shell-words.ts';

export interface ScheduleValues {
  name: string;
  image: string;
  /** Words, as a shell splits them. */
  command: string;
  args: string;
  /** NAME=value, one a line. */
  env: string;
  cron: string;
  timeZone: string;
  overlap: Overlap;
  startingDeadlineSeconds: string;
  keep: string;
}

export const FIELDS = [
  'name',
  'image',
  'command',
  'args',
  'env',
  'cron',
  'timeZone',
  'overlap',
  'startingDeadlineSeconds',
  'keep',
] as const;
export type FieldName = (typeof FIELDS)[number];
/** What is wrong, by the field; `rest` what has none. */
export type FieldErrors = Partial<Record<FieldName | 'rest', string>>;

export const emptyValues = (timeZone: string): ScheduleValues => ({
  name: '',
  image: '',
  command: '',
  args: '',
  env: '',
  cron: '0 * * * *',
  timeZone,
  overlap: 'forbid',
  startingDeadlineSeconds: '',
  keep: '',
});

export function fromSpec(name: string, spec: ScheduleSpec): ScheduleValues {
  const { image, command = [], args = [], env = {} } = spec.template.spec;
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));
  return {
    name,
    image,
    command: joinWords(command),
    args: joinWords(args),
    env: Object.entries(env)
      .map(([variable, value]) => `${variable}=${value}`)
      .join('\n'),
    cron: spec.cron,
    timeZone: spec.timeZone ?? 'UTC',
    overlap: spec.overlap ?? 'forbid',
    startingDeadlineSeconds: text(spec.startingDeadlineSeconds),
    keep: text(spec.keep),
  };
}

/** `before`: what is changed. `errors` holds what cannot be written as a request at all; the server judges the rest. */
export function toRequest(values: ScheduleValues, before?: ScheduleSpec): { request: CreateSchedule; errors: FieldErrors } {
  const errors: FieldErrors = {};
  const words = (field: 'command' | 'args'): string[] | undefined => {
    if (values[field].trim() === '') return undefined;
    const split = splitWords(values[field]);
    if (split.ok) return split.words;
    errors[field] = split.message;
    return undefined;
  };
  const number = (field: 'startingDeadlineSeconds' | 'keep'): number | undefined => {
    const text = values[field].trim();
    if (text === '') return undefined;
    if (!/^\d+$/.test(text)) errors[field] = 'must be a whole number';
    return Number(text);
  };
  const template = { ...before?.template, spec: { ...before?.template.spec, image: values.image.trim() } };
  const run = defined({ ...template.spec, command: words('command'), args: words('args'), env: variables(values.env) });
  const spec: ScheduleSpec = defined({
    ...before,
    cron: values.cron.trim(),
    timeZone: values.timeZone.trim() === '' ? undefined : values.timeZone.trim(),
    overlap: values.overlap,
    startingDeadlineSeconds: number('startingDeadlineSeconds'),
    keep: number('keep'),
    template: { ...template, spec: run },
  });
  return { request: { metadata: { name: values.name.trim() }, spec }, errors };
}

/** A value may have any "=" and blanks in it. */
function variables(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return undefined;
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1)];
    }),
  );
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T;
}

/** The field behind a path of the contract; what has none is said at the top. */
export function errorsByField(errors: readonly { path: string; message: string }[]): FieldErrors {
  const found: FieldErrors = {};
  for (const { path, message } of errors) {
    const parts = path.replace(/^spec\.(template\.spec\.)?|^metadata\./, '').split('.');
    const field = FIELDS.find((name) => name === parts[0]);
    if (field) found[field] ??= parts[1] === undefined ? message : `${parts.slice(1).join('.')}: ${message}`;
    else found.rest = [found.rest, `${path}: ${message}.`].filter(Boolean).join(' ');
  }
  return found;
}
