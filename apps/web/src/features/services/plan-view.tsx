import type { ServicePlan } from '@berth/shared/model/service';
import { ChangeList } from './change-list.tsx';
import { sentence } from './service-words.ts';

/** What a change would do: in one sentence, step by step, and field by field. */
export function PlanView({ plan }: { plan: ServicePlan }) {
  return (
    <section aria-label="The plan" className="rounded-lg border border-line bg-sunken px-4 py-3">
      <p className="font-medium">{sentence(plan.summary)}</p>
      {plan.steps.length > 0 && (
        <ol aria-label="Steps" className="mt-2 grid gap-1">
          {plan.steps.map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the steps of a plan do not move
            <li key={index} className="flex gap-2">
              <span className="w-5 shrink-0 text-right text-muted tabular-nums">{index + 1}</span>
              <span className="min-w-0 break-words">{sentence(step.message)}</span>
            </li>
          ))}
        </ol>
      )}
      {plan.changes.length > 0 && (
        <div className="mt-3 border-t border-line pt-3">
          <ChangeList label="Changed fields" changes={plan.changes} />
        </div>
      )}
    </section>
  );
}
