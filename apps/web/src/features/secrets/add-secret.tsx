'use client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { ValueField } from './value-field.tsx';

export function AddSecret({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const add = useMutation({
    mutationFn: ({ name, value, visible }: { name: string; value: string; visible: boolean }) =>
      api.createSecret(workspace, { metadata: { name }, spec: { value, ...(visible && { visible }) } }),
    onSuccess: async () => {
      await cache.invalidateQueries({ queryKey: queryKeys.secrets(workspace) });
      onClose();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    if (!add.isPending) add.mutate({ name: text('name').trim(), value: plainLines(text('value')), visible: form.has('visible') });
  };
  const errors = add.error instanceof ProblemError ? (add.error.problem.errors ?? []) : [];
  const errorOf = (path: string) => errors.find((error) => error.path === path)?.message;
  const placed = errorOf('metadata.name') ?? errorOf('spec.value');

  return (
    <Dialog title="Add a secret" onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        {add.error && !placed && <Failure>{add.error.message}</Failure>}
        <Field label="Name" hint="By it a run names the secret: lower-case letters, digits, “-”." error={errorOf('metadata.name')}>
          {(ids) => (
            <input
              {...ids}
              name="name"
              required
              placeholder="db-password"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              className="field font-mono text-sm"
            />
          )}
        </Field>
        <ValueField error={errorOf('spec.value')} />
        <label className="flex items-start gap-2">
          <input type="checkbox" name="visible" className="mt-0.5 size-4 shrink-0 accent-accent-fill" />
          <span>
            Configuration: it may be read back, and is not masked in logs.
            <span className="block text-sm text-muted">This cannot be changed later.</span>
          </span>
        </label>
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

/** A form is sent with the line ends of a letter; what was typed has those of a file. */
export const plainLines = (text: string): string => text.replaceAll('\r\n', '\n');
