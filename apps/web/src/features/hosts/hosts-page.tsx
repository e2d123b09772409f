'use client';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useKeys } from '../../lib/keys.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { AddHost } from './add-host.tsx';
import { HostTile } from './host-tile.tsx';
import { JoinTokens } from './join-tokens.tsx';

export function HostsPage() {
  const workspace = useWorkspace();
  const [adding, setAdding] = useState(false);
  const [showing, setShowing] = useState(false);
  const hosts = useQuery({ queryKey: queryKeys.hosts(workspace), queryFn: ({ signal }) => api.listHosts(workspace, signal) });
  useKeys([{ keys: 'a', label: 'Add a host', run: () => setAdding(true) }]);
  const add = (
    <Button kind="primary" keys="a" onClick={() => setAdding(true)}>
      <Plus size={14} aria-hidden="true" />
      Add a host
    </Button>
  );
  const items = (hosts.data?.items ?? []).toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true }));
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead
        title="Hosts"
        actions={
          <>
            <Button onClick={() => setShowing(true)}>Join tokens</Button>
            {add}
          </>
        }
      >
        {items.length > 0 && summary(items.length, items.filter((host) => host.status.state === 'ready').length)}
      </PageHead>
      {hosts.isPending && <Skeleton label="Reading the hosts" />}
      {hosts.isError && (
        <div className="px-4 md:px-6">
          <Failure action={<Button onClick={() => void hosts.refetch()}>Try again</Button>}>{hosts.error.message}</Failure>
        </div>
      )}
      {hosts.data && items.length === 0 && (
        <Empty sentence="No host yet: a host is a machine of yours that runs the containers." action={add} />
      )}
      <ul className="grid gap-4 px-4 pb-8 sm:grid-cols-2 md:px-6 xl:grid-cols-3">
        {items.map((host) => (
          <HostTile key={host.metadata.id} host={host} workspace={workspace} />
        ))}
      </ul>
      {showing && <JoinTokens workspace={workspace} onClose={() => setShowing(false)} />}
      {adding && <AddHost workspace={workspace} onClose={() => setAdding(false)} />}
    </div>
  );
}

function summary(total: number, ready: number): string {
  return ready === total ? (total === 1 ? 'Ready.' : `All ${total} are ready.`) : `${ready} of ${total} are ready.`;
}
