'use client';
import type { Settings, UpdateSettings } from '@berth/shared/http/settings';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { notify } from '../../ui/notice.tsx';

type Placement = NonNullable<UpdateSettings['placement']>;

/** How runs are placed that say nothing of it themselves. */
export function PlacementSettings({ workspace, placement }: { workspace: string; placement: Settings['placement'] }) {
  const cache = useQueryClient();
  const save = useMutation({
    mutationFn: (wanted: Placement) => api.updateSettings(workspace, { placement: wanted }),
    onSuccess: (now) => {
      cache.setQueryData(queryKeys.settings(workspace), now);
      notify('The settings are saved.');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const most = String(form.get('mostAtOnce') ?? '').trim();
    const strategy = form.get('strategy') === 'bin-pack' ? 'bin-pack' : 'spread';
    if (!save.isPending) save.mutate({ strategy, mostAtOnce: most === '' ? null : Number(most) });
  };
  const problem = save.error instanceof ProblemError ? save.error.problem : null;
  const mostError = problem?.errors?.find((error) => error.path === 'placement.mostAtOnce')?.message;
  return (
    <form aria-label="Placement" onSubmit={submit} className="mx-4 flex max-w-md flex-col gap-4 md:mx-6">
      <h2 className="text-lg font-semibold">Placement</h2>
      {save.error && !mostError && <Failure>{save.error.message}</Failure>}
      <Field label="Among the hosts that fit" hint="For runs that do not ask for one of the two.">
        {(ids) => (
          <select {...ids} name="strategy" defaultValue={placement.strategy} className="field">
            <option value="spread">Spread: the least loaded host first</option>
            <option value="bin-pack">Bin-pack: the fullest host with room first</option>
          </select>
        )}
      </Field>
      <Field
        label="Runs at once"
        hint="In the whole workspace; the others wait for their turn. As many as fit where empty."
        error={mostError}
      >
        {(ids) => (
          <input
            {...ids}
            name="mostAtOnce"
            inputMode="numeric"
            defaultValue={placement.mostAtOnce ?? ''}
            className="field font-mono text-sm"
          />
        )}
      </Field>
      <div>
        <Button kind="primary" type="submit" busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
