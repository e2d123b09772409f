/** The runs of an array, from its template: each with its index, its parameters, and what stands for them. Pure (law L2). */
import type { RunSpec } from '@berth/shared/model/run';
import type { Parameters, RunArraySpec } from '@berth/shared/model/run-array';

const REFERENCE = /\$\{\{\s*parameters\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;
/** What looks like a reference and is none: a slip is refused, not run. */
const ANY_REFERENCE = /\$\{\{[^}]*\}\}/g;

export interface WrongReference {
  path: string;
  message: string;
}

export const countOf = ({ count, parameters }: Pick<RunArraySpec, 'count' | 'parameters'>): number => parameters?.length ?? count ?? 0;

/** References to what some run of the array has no parameter for, by the field that they stand in. */
export function wrongReferences({ template, parameters }: RunArraySpec): WrongReference[] {
  return textsOf(template.spec).flatMap(({ path, text }) =>
    [...text.matchAll(ANY_REFERENCE)].flatMap(([reference]) => {
      const [, name] = new RegExp(`^${REFERENCE.source}$`).exec(reference) ?? [];
      if (name === undefined) return [{ path, message: `"${reference}" is no reference; write it as "\${{ parameters.NAME }}"` }];
      if (parameters === undefined) return [{ path, message: `"${reference}" names a parameter, and spec.parameters is absent` }];
      const lacking = parameters.findIndex((one) => !Object.hasOwn(one, name));
      if (lacking < 0) return [];
      const known = Object.keys(parameters[lacking] ?? {});
      const has = known.length === 0 ? 'none' : known.join(', ');
      return [{ path, message: `"${reference}" names no parameter of spec.parameters.${lacking}, which has ${has}` }];
    }),
  );
}

function textsOf({ command = [], args = [], env = {} }: RunSpec): { path: string; text: string }[] {
  const words = (field: string, list: readonly string[]) =>
    list.map((text, index) => ({ path: `spec.template.spec.${field}.${index}`, text }));
  const values = Object.entries(env).map(([name, text]) => ({ path: `spec.template.spec.env.${name}`, text }));
  return [...words('command', command), ...words('args', args), ...values];
}

/** The spec of the run at an index. References must have been found right. */
export function specAt(arrayId: string, array: RunArraySpec, index: number): RunSpec {
  const { template, parallelism } = array;
  const parameters: Parameters = array.parameters?.[index] ?? {};
  const filled = (text: string) => text.replace(REFERENCE, (_, name: string) => parameters[name] ?? '');
  const { command, args, env = {} } = template.spec;
  return {
    ...template.spec,
    ...(command && { command: command.map(filled) }),
    ...(args && { args: args.map(filled) }),
    env: {
      ...Object.fromEntries(Object.entries(env).map(([name, text]) => [name, filled(text)])),
      ...parameters,
      BERTH_ARRAY_ID: arrayId,
      BERTH_ARRAY_INDEX: String(index),
      BERTH_ARRAY_COUNT: String(countOf(array)),
    },
    ...(parallelism !== undefined && { concurrency: { key: `array:${arrayId}`, limit: parallelism } }),
  };
}
