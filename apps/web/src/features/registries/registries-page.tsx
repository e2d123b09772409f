'use client';
import type { Registry } from '@berth/shared/model/registry';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Age } from '../../ui/time.tsx';
import { AddRegistry } from './add-registry.tsx';

export function RegistriesPage() {
  const workspace = useWorkspace();
  const cache = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Registry | null>(null);
  const registries = useQuery({
    queryKey: queryKeys.registries(workspace),
    queryFn: ({ signal }) => api.listRegistries(workspace, signal),
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.deleteRegistry(workspace, id),
    onSuccess: () => {
      setRemoving(null);
      return cache.invalidateQueries({ queryKey: queryKeys.registries(workspace) });
    },
  });
  const add = (
    <Button kind="primary" onClick={() => setAdding(true)}>
      <Plus size={14} aria-hidden="true" />
      Add credentials
    </Button>
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Registries" actions={add}>
        Credentials for private images. Passwords are encrypted, and never shown again.
      </PageHead>
      {registries.isPending && <Skeleton label="Reading the registries" rows={3} />}
      {registries.isError && (
        <div className="px-4 md:px-6">
          <Failure>{registries.error.message}</Failure>
        </div>
      )}
      {registries.data?.items.length === 0 && <Empty sentence="No credentials yet: public images need none." action={add} />}
      <ul aria-label="Registries" className="mx-4 md:mx-6">
        {registries.data?.items.map((registry) => (
          <li
            key={registry.metadata.id}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-1 border-b border-line py-2.5 md:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_160px_auto]"
          >
            <span className="truncate font-mono font-medium">{registry.spec.server}</span>
            <span className="truncate text-muted max-md:order-2">as {registry.spec.username}</span>
            <span className="text-muted max-md:order-3 max-md:text-right">
              added <Age at={registry.metadata.createdAt} suffix=" ago" />
            </span>
            <Button small onClick={() => setRemoving(registry)} aria-label={`Remove the credentials for ${registry.spec.server}`}>
              Remove
            </Button>
          </li>
        ))}
      </ul>
      {adding && <AddRegistry workspace={workspace} onClose={() => setAdding(false)} />}
      {removing && (
        <Confirm
          title={`Remove the credentials for ${removing.spec.server}?`}
          yes="Remove"
          no="Keep them"
          busy={remove.isPending}
          error={remove.error?.message}
          onYes={() => remove.mutate(removing.metadata.id)}
          onClose={() => setRemoving(null)}
        >
          Runs that pull private images from there will fail until there are new ones.
        </Confirm>
      )}
    </div>
  );
}
