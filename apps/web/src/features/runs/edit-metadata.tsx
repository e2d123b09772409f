'use client';
import type { Run } from '@berth/shared/model/run';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { labelsFromText, labelsToText } from './label-text.ts';
import { newerRun } from './runs-cache.ts';

/** Name and labels of a run. A change that somebody else has made meanwhile is not written over. */
export function EditMetadata({ run, workspace, onClose }: { run: Run; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const [seen] = useState(run.metadata);
  const save = useMutation({
    // The version changes with every report of the host too: only another name or other labels are a conflict.
    mutationFn: async (metadata: { name: string; labels: Record<string, string> }) => {
      const { name, labels } = run.metadata;
      if (name !== seen.name || labelsToText(labels) !== labelsToText(seen.labels)) {
        throw new ProblemError(412, { detail: 'Somebody has changed its name or labels meanwhile. Close this and look again.' });
      }
      return api.updateRun(workspace, run.metadata.id, { metadata }, run.metadata.resourceVersion);
    },
    retry: (count, error) => error instanceof ProblemError && error.problem.code === 'precondition-failed' && count < 5,
    onSuccess: (updated) => {
      cache.setQueryData<Run>(queryKeys.run(workspace, run.metadata.id), (known) => newerRun(known, updated));
      void cache.invalidateQueries({ queryKey: queryKeys.runEvents(workspace, run.metadata.id) });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    if (!save.isPending) save.mutate({ name: text('name').trim(), labels: labelsFromText(text('labels')) });
  };
  const errors = save.error instanceof ProblemError ? (save.error.problem.errors ?? []) : [];
  const errorOf = (field: string) => errors.find(({ path }) => path === field || path.startsWith(`${field}.`))?.message;
  const named = errorOf('metadata.name') ?? errorOf('metadata.labels');

  return (
    <Dialog title="Name and labels" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {save.error && !named && <Failure>{save.error.message}</Failure>}
        <Field label="Name" error={errorOf('metadata.name')}>
          {(ids) => (
            <input {...ids} name="name" required defaultValue={seen.name} autoComplete="off" spellCheck={false} className="field" />
          )}
        </Field>
        <Field label="Labels" hint="One a line: key=value" error={errorOf('metadata.labels')}>
          {(ids) => (
            <textarea
              {...ids}
              name="labels"
              rows={4}
              defaultValue={labelsToText(seen.labels)}
              placeholder="team=web"
              spellCheck={false}
              className="field !h-auto py-1.5 font-mono text-sm"
            />
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={save.isPending}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
