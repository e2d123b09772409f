'use client';
import type { ApplyAnswer } from '@berth/shared/http/manifests';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useId, useRef, useState } from 'react';
import { api, errorsOf } from '../../../lib/api.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import { useWorkspace } from '../../../lib/workspace-context.tsx';
import { Button } from '../../../ui/button.tsx';
import { Failure } from '../../../ui/failure.tsx';
import { PageHead } from '../../../ui/page.tsx';
import { looksLikeDockerRun } from '../docker-run.ts';
import { takeHandedOver } from './handed-over.ts';
import { ManifestEditor } from './manifest-editor.tsx';
import { askedOf, withFiles } from './manifest-text.ts';
import { PlanView } from './plan-view.tsx';

interface Source {
  text: string;
  beside: ReadonlyMap<string, string>;
}
interface Planned extends Source {
  answer: ApplyAnswer;
}

/** A text is planned first, and applied as it was planned: nothing is done that was not shown. */
export function ApplyPage() {
  const workspace = useWorkspace();
  const cache = useQueryClient();
  const hint = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const [source, setSource] = useState<Source>({ text: '', beside: new Map() });
  const [planned, setPlanned] = useState<Planned | null>(null);
  const [problems, setProblems] = useState<string[]>([]);

  const plan = useMutation({
    mutationFn: async (what: Source): Promise<Planned | null> => {
      const asked = askedOf(what.text);
      setProblems(asked.ok ? [] : asked.problems);
      if (!asked.ok) return null;
      const answer = await api.applyManifests(workspace, withFiles(asked.text, what.beside), true);
      return { ...what, answer: { ...answer, warnings: [...asked.notes, ...answer.warnings] } };
    },
    onMutate: () => {
      setPlanned(null);
      apply.reset();
    },
    onSuccess: setPlanned,
  });
  const apply = useMutation({
    mutationFn: async (what: Planned) => {
      const asked = askedOf(what.text);
      return api.applyManifests(workspace, withFiles(asked.ok ? asked.text : what.text, what.beside), false);
    },
    // What was done before it failed is there, too.
    onSettled: () => cache.invalidateQueries({ queryKey: queryKeys.workspace(workspace) }),
  });

  const change = (text: string, whole: boolean, beside: ReadonlyMap<string, string> = source.beside) => {
    setSource({ text, beside });
    if (whole && text.trim() !== '') plan.mutate({ text, beside });
  };
  const start = useRef(change);
  useEffect(() => {
    const text = takeHandedOver();
    if (text !== null) start.current(text, true);
  }, []);

  const failed = errorsOf(plan.error ?? apply.error);
  // Of a docker run line it is the manifest made of it that has the lines.
  const hasLines = !looksLikeDockerRun(source.text);
  const marked = new Set(hasLines && source.text === (plan.variables?.text ?? '') ? failed?.errors.flatMap(({ line }) => line ?? []) : []);
  const isCurrent = planned !== null && planned.text === source.text && planned.beside === source.beside;
  const nothing = planned?.answer.steps.every(({ action }) => action === 'unchanged');
  const reason = apply.isSuccess
    ? 'It is applied'
    : !planned
      ? 'Plan it first: the plan shows what would be done'
      : !isCurrent
        ? 'The text has changed since: plan it again'
        : nothing
          ? 'There is nothing to do'
          : null;

  const showLine = (line: number) => {
    const lines = source.text.split('\n');
    const from = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.current?.focus();
    area.current?.setSelectionRange(from, from + (lines[line - 1]?.length ?? 0));
  };

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Apply a manifest">What is wanted, as text: what it would change is shown before it is done.</PageHead>
      <div className="flex max-w-5xl flex-col gap-4 px-4 pb-8 md:px-6">
        <ManifestEditor area={area} text={source.text} marked={marked} describedBy={hint} onChange={change} />
        <p id={hint} className="text-sm text-muted">
          Manifests in YAML or JSON, a Compose file, or a docker run line; paste it, or drop files here. Files that a Compose file names are
          dropped together with it.
          {source.beside.size > 0 && ` Beside it: ${[...source.beside.keys()].join(', ')}.`}
        </p>
        <div className="flex flex-wrap items-center gap-2">
          <Button
            kind={isCurrent ? 'plain' : 'primary'}
            busy={plan.isPending}
            reason={source.text.trim() === '' ? 'There is no text yet' : null}
            onClick={() => plan.mutate(source)}
          >
            Plan
          </Button>
          <Button
            kind={isCurrent ? 'primary' : 'plain'}
            busy={apply.isPending}
            reason={reason}
            onClick={() => {
              if (planned) apply.mutate(planned);
            }}
          >
            Apply
          </Button>
          <span role="status" className="text-sm text-muted">
            {plan.isPending && 'Planning…'}
            {apply.isPending && 'Applying, step by step…'}
          </span>
        </div>
        {problems.map((problem) => (
          <Failure key={problem}>{problem}</Failure>
        ))}
        {failed && (
          <Failure>
            {plan.error && failed.errors.length > 0 ? 'It is refused, and nothing was done. What is wrong with it:' : failed.message}
          </Failure>
        )}
        {failed && failed.errors.length > 0 && (
          <ul aria-label="What is wrong" className="flex flex-col gap-1">
            {failed.errors.map(({ path, message, line }) => (
              <li key={`${path} ${message}`} className="flex flex-wrap items-baseline gap-x-2">
                {hasLines && line !== undefined && (
                  <Button small kind="quiet" onClick={() => showLine(line)} aria-label={`Show line ${line}`}>
                    Line {line}
                  </Button>
                )}
                <code className="break-all font-mono text-sm text-muted">{path}</code>
                <span className="min-w-0 break-words">{message.replace(/^line \d+: /, '')}</span>
              </li>
            ))}
          </ul>
        )}
        {apply.data ? (
          <PlanView workspace={workspace} answer={apply.data} />
        ) : (
          planned && isCurrent && <PlanView workspace={workspace} answer={planned.answer} />
        )}
      </div>
    </div>
  );
}
