'use client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, errorsOf } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';

export function CreateVolume({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const hosts = useQuery({ queryKey: queryKeys.allHosts(workspace), queryFn: ({ signal }) => api.allHosts(workspace, signal) });
  const create = useMutation({
    mutationFn: ({ name, host }: { name: string; host: string }) =>
      api.createVolume(workspace, { metadata: { name }, ...(host !== '' && { spec: { host } }) }),
    onSuccess: () => {
      onClose();
      return cache.invalidateQueries({ queryKey: queryKeys.volumes(workspace) });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (!create.isPending) create.mutate({ name: String(form.get('name') ?? '').trim(), host: String(form.get('host') ?? '') });
  };
  const problem = errorsOf(create.error);
  const at = (path: string) => problem?.errors.find((error) => error.path === path)?.message;
  const placed = at('metadata.name') ?? at('spec.host');
  return (
    <Dialog title="Create a volume" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {problem && !placed && <Failure>{problem.message}</Failure>}
        <Field label="Name" hint="Runs name it: lower-case letters, digits, “-”, “_” and “.”." error={at('metadata.name')}>
          {(ids) => (
            <input {...ids} name="name" autoComplete="off" autoCapitalize="off" spellCheck={false} placeholder="data" className="field" />
          )}
        </Field>
        <Field label="Host" hint="Its data stays there." error={at('spec.host')}>
          {(ids) => (
            <select {...ids} name="host" defaultValue="" className="field">
              <option value="">That of the first run that has it</option>
              {hosts.data?.map(({ metadata }) => (
                <option key={metadata.id} value={metadata.id}>
                  {metadata.name}
                </option>
              ))}
            </select>
          )}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={create.isPending}>
            Create it
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
