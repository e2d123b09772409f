'use client';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useKeys } from '../../lib/keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { AddHost } from './add-host.tsx';
import { AgentVersions } from './agent-versions.tsx';
import { JoinTokens } from './join-tokens.tsx';
import { HostFilterBar } from './map/host-filter-bar.tsx';
import { HostTotalsBar } from './map/host-totals.tsx';
import { HostsView } from './map/hosts-view.tsx';
import { useHostMap } from './map/use-host-map.ts';
import { useHostView } from './map/use-host-view.ts';

/** The fleet: what it has together, as a map of its capacity, and in a line each. */
export function HostsPage() {
  const workspace = useWorkspace();
  const view = useHostView();
  const [open, setOpen] = useState<'add' | 'tokens' | null>(null);
  const hosts = useHostMap(workspace, view.filter);
  useKeys([{ keys: 'a', label: 'Add a host', run: () => setOpen('add') }]);
  const add = (
    <Button kind="primary" keys="a" onClick={() => setOpen('add')}>
      <Plus size={14} aria-hidden="true" />
      Add a host
    </Button>
  );
  const map = hosts.data;
  const none = map?.items.length === 0;
  return (
    <>
      <PageHead
        title="Hosts"
        actions={
          <>
            <Button onClick={() => setOpen('tokens')}>Join tokens</Button>
            {add}
          </>
        }
      />
      {hosts.isPending && <Skeleton label="Reading the hosts" rows={10} />}
      {hosts.isError && !map && (
        <div className="px-4 md:px-6">
          <Failure action={<Button onClick={() => void hosts.refetch()}>Try again</Button>}>{hosts.error.message}</Failure>
        </div>
      )}
      {map && none && !view.filtered && (
        <Empty sentence="No host yet: a host is a machine of yours that runs the containers." action={add} />
      )}
      {map && <AgentVersions workspace={workspace} cells={map.items} />}
      {map && (!none || view.filtered) && (
        <>
          <HostTotalsBar totals={map.totals} />
          <HostFilterBar view={view} cells={map.items} />
          {none ? (
            <Empty sentence="No host fits these filters." action={<Button onClick={view.clear}>Clear the filters</Button>} />
          ) : (
            <HostsView cells={map.items} view={view} workspace={workspace} />
          )}
        </>
      )}
      {open === 'tokens' && <JoinTokens workspace={workspace} onClose={() => setOpen(null)} />}
      {open === 'add' && <AddHost workspace={workspace} onClose={() => setOpen(null)} />}
    </>
  );
}
