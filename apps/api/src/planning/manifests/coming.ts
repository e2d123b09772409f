/** What a request makes itself is not there yet when the rest of it is checked: uses of it are left out of what is checked. */
import { isObject, type JsonObject } from './model.ts';
import type { PlannedStep } from './plan-apply.ts';

/** Names of what the steps create, by kind. */
export type Coming = ReadonlyMap<string, ReadonlySet<string>>;

export function comingOf(steps: readonly PlannedStep[]): Coming {
  const coming = new Map<string, Set<string>>();
  for (const { kind, name, action } of steps) if (action === 'create') coming.set(kind, (coming.get(kind) ?? new Set()).add(name));
  return coming;
}

/** `spec`: of a run, or of what has a template of runs. */
export function withoutComing(spec: JsonObject, coming: Coming): JsonObject {
  if (isObject(spec.template) && isObject(spec.template.spec))
    return { ...spec, template: { ...spec.template, spec: withoutComing(spec.template.spec, coming) } };
  const left = { ...spec };
  for (const [field, kind, key] of USES) {
    const uses = spec[field];
    if (Array.isArray(uses)) left[field] = uses.filter((use) => !(isObject(use) && coming.get(kind)?.has(String(use[key]))));
  }
  return left;
}

const USES = [
  ['secrets', 'Secret', 'secret'],
  ['volumes', 'Volume', 'volume'],
] as const;
