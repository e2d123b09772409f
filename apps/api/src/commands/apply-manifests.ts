/**
 * Makes a workspace as a text says: what is wanted is read, laid beside what is so, planned purely, and carried out step by step.
 * All that can be known to be wrong is refused before anything is written; applied again, it goes on where it was cut short.
 */
import { BerthError } from '@berth/shared/errors/problem';
import type { ApplyAnswer, ApplyQuery, ApplyStep, ManifestError } from '@berth/shared/http/manifests';
import { Injectable } from '@nestjs/common';
import { type Applied, AppliedRepository } from '../persistence/applied-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { type Coming, comingOf, withoutComing } from '../planning/manifests/coming.ts';
import { keyOf } from '../planning/manifests/in-order.ts';
import { type After, type JsonObject, refusal } from '../planning/manifests/model.ts';
import { type PlannedStep, type Present, planApply } from '../planning/manifests/plan-apply.ts';
import { type ManifestSource, readSource } from '../planning/manifests/read-source.ts';
import { textOf } from '../planning/manifests/three-way.ts';
import { Conditions } from './manifests/conditions.ts';
import { Interrupted } from './manifests/interrupted.ts';
import type { Caller, Desired } from './manifests/kind-handler.ts';
import { Kinds } from './manifests/kinds.ts';

export interface ApplyInput extends Caller {
  source: ManifestSource;
  query: ApplyQuery;
  claim?: IdempotencyClaim;
  /** The caller has left: what is under way is finished, and nothing more is begun. */
  signal: AbortSignal;
}

@Injectable()
export class ApplyManifestsCommand {
  constructor(
    private readonly kinds: Kinds,
    private readonly applied: AppliedRepository,
    private readonly conditions: Conditions,
  ) {}

  async execute(input: ApplyInput): Promise<ApplyAnswer> {
    const { workspace, source, query, claim } = input;
    const read = readSource(source, query.format);
    if (!read.ok) throw refused(read.errors);
    const earlier = claim && !query.dryRun && (await this.applied.answerOf(workspace.id, claim));
    if (earlier) return earlier;

    const wanted = read.value;
    const applied = new Map(
      (await (query.prune ? this.applied.all(workspace.id) : this.applied.of(workspace.id, wanted))).map((one) => [keyOf(one), one]),
    );
    const plan = planApply({ wanted, applied, prune: query.prune, present: await this.look(workspace.id, wanted, applied) });
    if (!plan.ok) throw refused(plan.errors);
    await this.foresee(input, plan.steps);
    if (!query.dryRun) await this.carryOut(input, plan.steps, applied);
    const answer = { dryRun: query.dryRun, steps: plan.steps.map(shown), warnings: [...read.warnings, ...plan.warnings] };
    if (claim && !query.dryRun) await this.applied.keepAnswer(workspace.id, claim, answer);
    return answer;
  }

  /** What is so of all that is wanted, and of what was applied before. */
  private async look(workspaceId: string, wanted: readonly { kind: string; name: string }[], applied: ReadonlyMap<string, Applied>) {
    const present = new Map<string, Present>();
    const asked = new Map([...applied.values(), ...wanted].map((one) => [keyOf(one), one]));
    for (const [key, { kind, name }] of asked) {
      const found = await this.kinds.of(kind)?.find(workspaceId, name, applied.get(key));
      if (found) present.set(key, found);
    }
    return present;
  }

  /** What would be refused is refused now, with its place in the text; what it comes to is told. Nothing is written. */
  private async foresee(caller: Caller, steps: readonly PlannedStep[]): Promise<void> {
    const errors: ManifestError[] = [];
    const coming = comingOf(steps);
    let first: BerthError | undefined;
    for (const step of steps) {
      try {
        await this.foreseeOne(caller, step, coming);
      } catch (error) {
        if (!(error instanceof BerthError) || !step.wanted) throw error;
        first ??= error;
        for (const { path, message } of error.extra.errors ?? [{ path: '', message: error.detail }])
          errors.push(refusal(step.wanted.pathOf(path), message, step.wanted.place(path)));
      }
    }
    if (first) throw new BerthError(first.code, detailOf(errors), { ...first.extra, errors });
  }

  private async foreseeOne(caller: Caller, step: PlannedStep, coming: Coming): Promise<void> {
    const { kind, name, action, present, wanted } = step;
    const handler = this.kinds.handlers[kind];
    const desired = step.desired && { name, labels: step.desired.labels, spec: withoutComing(step.desired.spec, coming) };
    if (!desired || action === 'unchanged') return;
    // What a predecessor under way holds is free once that is stopped.
    if (action === 'create' && (!present || present.ended !== undefined)) await handler.check(caller, desired);
    step.plan ??= await handler.explain?.(caller, present, desired);
    const waits = (wanted?.after ?? []).filter(({ until }) => until !== 'applied');
    if (waits.length > 0) step.plan = [step.plan, `It is begun once ${waits.map(wordsOf).join(' and ')}.`].filter(Boolean).join(' ');
  }

  private async carryOut(input: ApplyInput, steps: readonly PlannedStep[], applied: ReadonlyMap<string, Applied>): Promise<void> {
    const ids = new Map<string, string>();
    for (const [index, step] of steps.entries()) {
      try {
        if (input.signal.aborted) throw new BerthError('unavailable', 'The caller has left.');
        await this.waitFor(input, step, ids);
        const id = await this.carryOutOne(input, step, applied.get(keyOf(step)));
        step.id = id;
        ids.set(keyOf(step), id);
      } catch (error) {
        throw new Interrupted(steps, index, error);
      }
    }
  }

  private async carryOutOne(caller: Caller, step: PlannedStep, before: Applied | undefined): Promise<string> {
    const { kind, name, action, present, desired, remember } = step;
    const handler = this.kinds.handlers[kind];
    let id = present?.id;
    if (action === 'delete' && present) await handler.delete(caller, present);
    else if (action === 'update' && present && desired) await this.update(caller, step, before, present, { name, ...desired });
    else if (action === 'create' && desired) id = await handler.create(caller, { name, ...desired }, before, present);
    if (id === undefined) throw new Error(`the step ${action} of ${kind} "${name}" is about nothing`);
    const document = action === 'create' ? step.own : remember;
    if (document) await this.applied.remember(caller.workspace.id, caller.actor, { kind, name, resourceId: id, document });
    return id;
  }

  /** Compare and set: what the plan was made for must still be so. The version alone says less, for it moves with each change of the status, too. */
  private async update(
    caller: Caller,
    { kind, name }: PlannedStep,
    before: Applied | undefined,
    planned: Present,
    desired: Desired,
  ): Promise<void> {
    const handler = this.kinds.handlers[kind];
    for (let attempt = 1; ; attempt++) {
      const now = await handler.find(caller.workspace.id, name, before);
      if (now?.id !== planned.id || textOf(asked(now)) !== textOf(asked(planned)))
        throw new BerthError('precondition-failed', 'it has been changed meanwhile: apply again.');
      try {
        return await handler.update(caller, now, desired);
      } catch (error) {
        if (!(error instanceof BerthError) || error.code !== 'precondition-failed' || attempt === MOST_ATTEMPTS) throw error;
      }
    }
  }

  private async waitFor({ workspace, query, signal }: ApplyInput, step: PlannedStep, ids: ReadonlyMap<string, string>): Promise<void> {
    if (step.action === 'unchanged') return;
    for (const after of step.wanted?.after ?? []) {
      const [id, handler] = [ids.get(keyOf(after)), this.kinds.of(after.kind)];
      if (id === undefined || !handler || after.until === 'applied') continue;
      const look = () => handler.reached(workspace.id, id, after.until);
      const reached = await this.conditions.wait(workspace.id, query.wait, look, signal);
      if (reached.state === 'yes') continue;
      const again = reached.state === 'never' ? '' : ` within ${query.wait} s; apply again to go on from here, or wait longer (?wait=)`;
      throw new BerthError('conflict', `it waits until ${wordsOf(after)}, which is not so${again}: ${reached.message}.`);
    }
  }
}

const MOST_ATTEMPTS = 5;
const asked = ({ name, labels, spec }: Present): JsonObject => ({ name, labels, spec });

const WORDS: Record<After['until'], string> = { applied: 'is there', healthy: 'is healthy', completed: 'has ended with 0' };
const wordsOf = ({ kind, name, until }: After) => `${kind} "${name}" ${WORDS[until]}`;

const detailOf = (errors: readonly ManifestError[]) => {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return first ? `${first.path}: ${first.message}${more}` : 'The request is not valid.';
};
const refused = (errors: ManifestError[]) => new BerthError('invalid-request', detailOf(errors), { errors });

function shown({ kind, name, action, changes, plan, id }: PlannedStep): ApplyStep {
  return { kind, name, action, changes, ...(plan !== undefined && { plan }), ...(id !== undefined && { id }) };
}
