'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';

const FIELDS = ['server', 'username', 'password'] as const;

export function AddRegistry({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const add = useMutation({
    mutationFn: (spec: { server: string; username: string; password: string }) => api.createRegistry(workspace, { spec }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.registries(workspace) });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    if (!add.isPending) add.mutate({ server: text('server').trim(), username: text('username').trim(), password: text('password') });
  };
  const problem = add.error instanceof ProblemError ? add.error.problem : null;
  const errorOf = (field: (typeof FIELDS)[number]) => problem?.errors?.find((error) => error.path === `spec.${field}`)?.message;
  const elsewhere = add.error && !FIELDS.some((field) => errorOf(field));

  return (
    <Dialog title="Add credentials for a registry" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {elsewhere && <Failure>{add.error.message}</Failure>}
        <Field label="Registry" hint="Its host name, without https://" error={errorOf('server')}>
          {(ids) => (
            <input
              {...ids}
              name="server"
              required
              placeholder="ghcr.io"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              className="field font-mono text-sm"
            />
          )}
        </Field>
        <Field label="User name" error={errorOf('username')}>
          {(ids) => (
            <input {...ids} name="username" required autoComplete="off" autoCapitalize="off" spellCheck={false} className="field" />
          )}
        </Field>
        <Field label="Password or token" error={errorOf('password')}>
          {(ids) => <input {...ids} name="password" type="password" required autoComplete="new-password" className="field" />}
        </Field>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={add.isPending}>
            Add
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
