'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';

const DAY = 86_400;

export function CreateToken({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const create = useMutation({
    mutationFn: ({ name, days }: { name: string; days: number }) =>
      api.createToken(workspace, {
        metadata: name === '' ? undefined : { name },
        spec: days === 0 ? undefined : { expiresInSeconds: days * DAY },
      }),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.tokens(workspace) }),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    if (!create.isPending) create.mutate({ name: String(form.get('name') ?? '').trim(), days: Number(form.get('days')) });
  };
  const problem = create.error instanceof ProblemError ? create.error.problem : null;
  const nameError = problem?.errors?.find((error) => error.path === 'metadata.name')?.message;

  return (
    <Dialog title={create.data ? 'Your token' : 'Make a token'} onClose={onClose} wide={Boolean(create.data)}>
      {create.data ? (
        <div className="flex flex-col gap-4">
          <p>Copy it now: it is not shown again.</p>
          <Code label="the token" text={create.data.token} />
          <div className="flex justify-end">
            <Button kind="primary" onClick={onClose}>
              Done
            </Button>
          </div>
        </div>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-4">
          {create.error && !nameError && <Failure>{create.error.message}</Failure>}
          <Field label="Name" hint="What will use it: lower-case letters, digits and “-”." error={nameError}>
            {(ids) => (
              <input {...ids} name="name" autoComplete="off" autoCapitalize="off" spellCheck={false} placeholder="ci" className="field" />
            )}
          </Field>
          <Field label="Ends">
            {(ids) => (
              <select {...ids} name="days" defaultValue="90" className="field">
                <option value="7">in 7 days</option>
                <option value="30">in 30 days</option>
                <option value="90">in 90 days</option>
                <option value="365">in a year</option>
                <option value="0">never</option>
              </select>
            )}
          </Field>
          <div className="flex justify-end gap-2">
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" type="submit" busy={create.isPending}>
              Make it
            </Button>
          </div>
        </form>
      )}
    </Dialog>
  );
}
