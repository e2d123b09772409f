/** An apply that failed on the way: what was done, what failed and why, and what was not begun. */
import type { Problem } from '@berth/shared/errors/problem';
import type { PlannedStep } from '../../planning/manifests/plan-apply.ts';

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly steps: NonNullable<Problem['steps']>;

  /** `failed`: the place of the step in the plan. */
  constructor(steps: readonly PlannedStep[], failed: number, cause: unknown) {
    const named = (from: number, to?: number) =>
      steps
        .slice(from, to)
        .filter(({ action }) => action !== 'unchanged')
        .map(({ kind, name, action }) => `${kind} "${name}" (${action})`)
        .join(', ');
    super(`Done before it: ${named(0, failed) || 'nothing'}. Not done: ${named(failed)}.`, { cause });
    this.steps = steps.map(({ kind, name, action }, index) => ({
      kind,
      name,
      action,
      outcome: index < failed ? 'done' : index === failed ? 'failed' : 'not-done',
    }));
  }

  /** What failed, in front of its reason. */
  get what(): string {
    const step = this.steps.find(({ outcome }) => outcome === 'failed');
    return step ? `${step.kind} "${step.name}"` : 'The apply';
  }
}
