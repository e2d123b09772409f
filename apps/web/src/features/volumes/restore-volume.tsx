'use client';
import type { Volume } from '@berth/shared/model/volume';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Field } from '../../ui/field.tsx';
import { notify } from '../../ui/notice.tsx';

export function RestoreVolume({ workspace, volume, onClose }: { workspace: string; volume: Volume; onClose: () => void }) {
  const cache = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [force, setForce] = useState(false);
  const { id, name } = volume.metadata;
  const isMounted = volume.status.users.some(({ phase }) => phase !== 'queued');
  const restore = useMutation({
    mutationFn: (body: File) => api.restoreVolume(workspace, id, body, force),
    onSuccess: ({ entries }) => {
      notify(`${name} has what the backup has: ${entries} ${entries === 1 ? 'entry' : 'entries'}.`);
      onClose();
      return cache.invalidateQueries({ queryKey: queryKeys.volumes(workspace) });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (file && !restore.isPending) restore.mutate(file);
  };
  const reason =
    file === null ? 'Choose a backup first' : isMounted && !force ? 'A run has it mounted: stop it, or say that it may go on' : null;
  return (
    <Dialog title={`Restore ${name}`} onClose={onClose}>
      <form onSubmit={submit} className="flex flex-col gap-4">
        <p>The files of the backup are written into the volume. What is there beside them stays.</p>
        {restore.error && <Failure>{restore.error.message}</Failure>}
        <Field label="Backup" hint="A .tar or .tar.gz, as “Back up” gives it.">
          {(ids) => (
            <input
              {...ids}
              type="file"
              accept=".tar,.gz,.tgz,application/x-tar,application/gzip"
              onChange={(event) => setFile(event.target.files?.[0] ?? null)}
              className="block w-full text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-panel file:px-3"
            />
          )}
        </Field>
        {isMounted && (
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              checked={force}
              onChange={(event) => setForce(event.target.checked)}
              className="size-4 shrink-0 accent-accent-fill"
            />
            Also while runs have it mounted
          </label>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" reason={reason} busy={restore.isPending}>
            {restore.isPending ? 'Restoring…' : 'Restore it'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
