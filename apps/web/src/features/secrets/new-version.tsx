'use client';
import type { Secret } from '@berth/shared/model/secret';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { plainLines } from './add-secret.tsx';
import { ValueField } from './value-field.tsx';

export function NewVersion({ secret, workspace, onClose }: { secret: Secret; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const { id, name, resourceVersion } = secret.metadata;
  const save = useMutation({
    mutationFn: (value: string) => api.updateSecret(workspace, id, { spec: { value } }, resourceVersion),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.secrets(workspace) });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!save.isPending) save.mutate(plainLines(String(new FormData(event.currentTarget).get('value') ?? '')));
  };
  const problem = save.error instanceof ProblemError ? save.error.problem : null;
  const wrong = problem?.errors?.find((error) => error.path === 'spec.value')?.message;

  return (
    <Dialog title={`A new value for ${name}`} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {save.error && !wrong && <Failure>{save.error.message}</Failure>}
        <p>
          It becomes version {secret.status.version + 1}. Runs that are made from now on have it; those that are there keep the version that
          they have.
        </p>
        <ValueField error={wrong} />
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
