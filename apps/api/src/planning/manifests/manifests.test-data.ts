/** Situations for the tests of an apply: manifests from plain text, and a world in which a plan is carried out. */
import type { ManifestError } from '@berth/shared/http/manifests';
import { keyOf } from './in-order.ts';
import type { Wanted } from './model.ts';
import { type LastApplied, type PlannedStep, type Present, planApply, type Situation } from './plan-apply.ts';
import { readSource } from './read-source.ts';

export function wantedOf(text: string): Wanted[] {
  const read = readSource(text, 'auto');
  if (!read.ok) throw new Error(JSON.stringify(read.errors));
  return read.value;
}

export function refusalsOf(text: string): ManifestError[] {
  const read = readSource(text, 'auto');
  if (read.ok) throw new Error('it was read');
  return read.errors;
}

/** What is so, and what was applied. */
export class World {
  readonly present = new Map<string, Present>();
  readonly applied = new Map<string, LastApplied>();
  private made = 0;

  plan(text: string, prune?: Situation['prune']): PlannedStep[] {
    return this.planOf(wantedOf(text), prune);
  }

  planOf(wanted: readonly Wanted[], prune?: Situation['prune']): PlannedStep[] {
    const plan = planApply({ wanted, present: this.present, applied: this.applied, prune });
    if (!plan.ok) throw new Error(JSON.stringify(plan.errors));
    return plan.steps;
  }

  apply(text: string, prune?: Situation['prune']): PlannedStep[] {
    const steps = this.plan(text, prune);
    this.carryOut(steps);
    return steps;
  }

  carryOut(steps: readonly PlannedStep[]): void {
    for (const { kind, name, action, desired, own, remember, id } of steps) {
      const key = keyOf({ kind, name });
      if (action === 'delete') this.present.delete(key);
      else if (desired && action !== 'unchanged')
        this.present.set(key, { id: action === 'create' || !id ? `id-${++this.made}` : id, name, version: '1', ...desired });
      const document = action === 'create' ? own : remember;
      const resourceId = this.present.get(key)?.id;
      if (document && resourceId) this.applied.set(key, { resourceId, document });
    }
  }

  /** As somebody would by REST. */
  change(key: string, change: (present: Present) => Partial<Present>): void {
    const present = this.present.get(key);
    if (present) this.present.set(key, { ...present, ...change(present) });
  }
}

export const actionsOf = (steps: readonly PlannedStep[]) => steps.map(({ action, kind, name }) => `${action} ${kind} ${name}`);
