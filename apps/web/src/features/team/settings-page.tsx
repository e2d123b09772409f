'use client';
import type { Settings } from '@berth/shared/http/settings';
import { formatBytes, parseMemory } from '@berth/shared/model/quantity-text';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { notify } from '../../ui/notice.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { PlacementSettings } from './placement-settings.tsx';
import { SwitchSettings } from './switch-settings.tsx';

/** "10 GiB" as the contract has it; what is not an amount goes as it is, for the contract to refuse. */
const bytesOf = (text: string): number => (parseMemory(text.replace(/\s|B$/g, '')) ?? Number.NaN) as number;

export function SettingsPage() {
  const workspace = useWorkspace();
  const settings = useQuery({ queryKey: queryKeys.settings(workspace), queryFn: ({ signal }) => api.settings(workspace, signal) });
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Settings">What this workspace keeps, how it places its runs, and who joins it.</PageHead>
      {settings.isPending && <Skeleton label="Reading the settings" rows={3} />}
      {settings.isError && (
        <div className="px-4 md:px-6">
          <Failure>{settings.error.message}</Failure>
        </div>
      )}
      {settings.data && (
        <div className="flex flex-col gap-10 pb-8">
          <Logs workspace={workspace} logs={settings.data.logs} />
          <PlacementSettings workspace={workspace} placement={settings.data.placement} />
          <SwitchSettings workspace={workspace} settings={settings.data} />
        </div>
      )}
    </div>
  );
}

function Logs({ workspace, logs }: { workspace: string; logs: Settings['logs'] }) {
  const cache = useQueryClient();
  const save = useMutation({
    mutationFn: (wanted: Settings['logs']) => api.updateSettings(workspace, { logs: wanted }),
    onSuccess: (now) => {
      cache.setQueryData(queryKeys.settings(workspace), now);
      notify('The settings are saved.');
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    if (!save.isPending) save.mutate({ maxAgeDays: Number(text('maxAgeDays')), maxBytes: bytesOf(text('maxBytes')) });
  };
  const problem = save.error instanceof ProblemError ? save.error.problem : null;
  const errorOf = (field: keyof Settings['logs']) => problem?.errors?.find((error) => error.path === `logs.${field}`)?.message;
  const elsewhere = save.error && !errorOf('maxAgeDays') && !errorOf('maxBytes');
  return (
    <form aria-label="Logs" onSubmit={submit} className="mx-4 flex max-w-md flex-col gap-4 md:mx-6">
      <h2 className="text-lg font-semibold">Logs</h2>
      {elsewhere && <Failure>{save.error.message}</Failure>}
      <Field label="Days" hint="Output older than this is removed; its place in the log says so." error={errorOf('maxAgeDays')}>
        {(ids) => (
          <input
            {...ids}
            name="maxAgeDays"
            required
            inputMode="numeric"
            defaultValue={logs.maxAgeDays}
            className="field font-mono text-sm"
          />
        )}
      </Field>
      <Field
        label="Room"
        hint="For all logs of the workspace, as they are stored: packed, a fraction of what was written. Above it the oldest is removed, that of runs that have ended first."
        error={errorOf('maxBytes')}
      >
        {(ids) => <input {...ids} name="maxBytes" required defaultValue={formatBytes(logs.maxBytes)} className="field font-mono text-sm" />}
      </Field>
      <div>
        <Button kind="primary" type="submit" busy={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
