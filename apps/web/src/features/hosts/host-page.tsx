'use client';
import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { OneThing } from '../../ui/one-thing.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { Allocation } from './allocation.tsx';
import { HostAgent } from './host-agent.tsx';
import { HostEventsTab } from './host-events-tab.tsx';
import { HostFacts } from './host-facts.tsx';
import { HostFate } from './host-fate.tsx';
import { HostHead } from './host-head.tsx';
import { ImagesTab } from './images-tab.tsx';

const TABS = ['runs', 'images', 'events'] as const;
/** As often as samples come, and oftener while somebody waits for it. */
const LIVE_MS = 10_000;
const DRAIN_MS = 2000;
const TAB_WORDS = { runs: 'Runs', images: 'Images', events: 'Events' };

/** `children`: what runs on it, which is another feature's matter. */
export function HostPage({ id, children }: { id: string; children: React.ReactNode }) {
  const workspace = useWorkspace();
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('runs'));
  const query = useQuery({
    queryKey: queryKeys.host(workspace, id),
    queryFn: ({ signal }) => api.getHost(workspace, id, signal),
    // What its runs use, and how far a drain is, change without an event.
    refetchInterval: ({ state }) => (state.data?.status.drain ? DRAIN_MS : LIVE_MS),
  });

  return (
    <OneThing
      query={query}
      none="There is no such host here, or it was removed."
      list={{ href: paths.hosts(workspace), label: 'To the hosts' }}
      reading="Reading the host"
    >
      {(host) => (
        <>
          <header className="grid gap-4 px-4 py-4 md:px-6">
            <HostHead host={host} workspace={workspace} />
            <div className="grid gap-4 md:grid-cols-[minmax(0,1fr)_320px]">
              <HostFacts host={host} />
              <Allocation host={host} />
            </div>
          </header>
          <HostAgent host={host} workspace={workspace} />
          <HostFate host={host} workspace={workspace} />
          <Tabs
            label="About this host"
            value={tab}
            onChange={(next) => void setTab(next)}
            tabs={TABS.map((value) => ({ value, label: TAB_WORDS[value] }))}
          >
            {tab === 'runs' && children}
            {tab === 'images' && <ImagesTab id={id} workspace={workspace} />}
            {tab === 'events' && <HostEventsTab id={id} workspace={workspace} />}
          </Tabs>
        </>
      )}
    </OneThing>
  );
}
