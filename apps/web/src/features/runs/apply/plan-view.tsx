import type { ApplyAnswer, ApplyStep, ManifestChange } from '@berth/shared/http/manifests';
import Link from 'next/link';
import { paths } from '../../../lib/paths.ts';
import type { Look } from '../../../ui/state.ts';
import { StateBadge } from '../../../ui/state-badge.tsx';

const WOULD: Record<ApplyStep['action'], Look> = {
  create: { tone: 'green', shape: 'full', word: 'Create' },
  update: { tone: 'blue', shape: 'half', word: 'Update' },
  unchanged: { tone: 'grey', shape: 'open', word: 'Unchanged' },
  delete: { tone: 'red', shape: 'cross', word: 'Delete' },
};
const DID: Record<ApplyStep['action'], Look> = {
  create: { tone: 'done', shape: 'check', word: 'Created' },
  update: { tone: 'done', shape: 'check', word: 'Updated' },
  unchanged: WOULD.unchanged,
  delete: { tone: 'done', shape: 'check', word: 'Deleted' },
};

/** Where a resource is seen. */
const PAGES: Record<ApplyStep['kind'], (workspace: string, id: string) => string> = {
  Run: paths.run,
  Service: paths.service,
  Schedule: paths.schedule,
  Secret: paths.secrets,
  Volume: paths.volumes,
  Registry: paths.registries,
};

/** What an apply would do, or did: a line a resource, with the fields that change. */
export function PlanView({ workspace, answer }: { workspace: string; answer: ApplyAnswer }) {
  const looks = answer.dryRun ? WOULD : DID;
  return (
    <section aria-label={answer.dryRun ? 'Plan' : 'What was done'} className="flex flex-col gap-3">
      <h2 className="text-lg font-semibold">{answer.dryRun ? summaryOf(answer) : 'Done'}</h2>
      {answer.warnings.length > 0 && (
        <ul aria-label="Warnings" className="flex flex-col gap-1 rounded-md border border-line bg-tint-amber px-3 py-2">
          {answer.warnings.map((warning) => (
            <li key={warning} className="break-words">
              {warning}
            </li>
          ))}
        </ul>
      )}
      <ul aria-label="Steps" className="overflow-hidden rounded-lg border border-line bg-panel">
        {answer.steps.map((step) => (
          <Step key={`${step.kind}/${step.name}/${step.action}`} workspace={workspace} step={step} look={looks[step.action]} />
        ))}
      </ul>
    </section>
  );
}

function Step({ workspace, step, look }: { workspace: string; step: ApplyStep; look: Look }) {
  const { kind, name, id, action, plan, changes } = step;
  return (
    <li className="grid grid-cols-[7rem_minmax(0,1fr)] gap-x-3 gap-y-1 border-line px-3 py-2 not-last:border-b">
      <StateBadge look={look} />
      <span className="min-w-0 break-words">
        <span className="text-muted">{kind}</span>{' '}
        {id !== undefined && action !== 'delete' ? (
          <Link href={PAGES[kind](workspace, id)} className="font-medium underline decoration-line-strong underline-offset-2">
            {name}
          </Link>
        ) : (
          <span className="font-medium">{name}</span>
        )}
      </span>
      {plan !== undefined && <p className="col-start-2 text-muted max-md:col-span-2 max-md:col-start-1">{plan}</p>}
      {changes.length > 0 && (
        <dl aria-label={`Fields of ${name}`} className="col-start-2 flex flex-col gap-0.5 text-sm max-md:col-span-2 max-md:col-start-1">
          {changes.map((change) => (
            <Change key={change.path} change={change} />
          ))}
        </dl>
      )}
    </li>
  );
}

function Change({ change: { path, from, to, conflict } }: { change: ManifestChange }) {
  return (
    <div className="flex flex-wrap gap-x-2">
      <dt className="break-all font-mono text-muted">{path}</dt>
      <dd className="min-w-0 break-all font-mono">
        {from !== null && <del className="text-state-red">{from}</del>}{' '}
        {to !== null && <ins className="text-state-green no-underline">{to}</ins>}
        {conflict !== undefined && <span className="ml-2 font-sans text-state-amber">Changed by somebody else: {conflict}.</span>}
      </dd>
    </div>
  );
}

/** "2 to create, 1 to delete" */
export function summaryOf({ steps }: ApplyAnswer): string {
  const count = (action: ApplyStep['action'], words: string) => {
    const number = steps.filter((step) => step.action === action).length;
    return number === 0 ? [] : [`${number} ${words}`];
  };
  const parts = [...count('create', 'to create'), ...count('update', 'to update'), ...count('delete', 'to delete')];
  return parts.length === 0 ? 'Nothing to do: all is as the text says' : parts.join(', ');
}
