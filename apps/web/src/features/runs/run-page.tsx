'use client';
import type { Run } from '@berth/shared/model/run';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useEffect, useState } from 'react';
import { api } from '../../lib/api.ts';
import { useKeys } from '../../lib/keys.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useRealtime } from '../../lib/realtime-context.tsx';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { OneThing } from '../../ui/one-thing.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { ContainerTab } from './container-tab.tsx';
import { EventsTab } from './events-tab.tsx';
import { FilesTab } from './files-tab.tsx';
import { ImageLine } from './image-line.tsx';
import { InspectTab } from './inspect-tab.tsx';
import { PlacementTab } from './placement-tab.tsx';
import { PullView } from './pull-view.tsx';
import { RunHead } from './run-head.tsx';
import { RunSituation } from './run-situation.tsx';
import { newerRun } from './runs-cache.ts';
import { TerminalTab } from './terminal/terminal-tab.tsx';
import { Timeline } from './timeline.tsx';

const LogPanel = dynamic(() => import('./log/log-panel.tsx').then((module) => module.LogPanel), {
  ssr: false,
  loading: () => <Skeleton label="Opening the log" rows={4} />,
});

const StatsTab = dynamic(() => import('./stats/stats-tab.tsx').then((module) => module.StatsTab), {
  ssr: false,
  loading: () => <Skeleton label="Opening the charts" rows={8} />,
});

const TABS = ['logs', 'stats', 'terminal', 'container', 'files', 'inspect', 'events', 'placement'] as const;
const TAB_WORDS = {
  logs: 'Logs',
  stats: 'Stats',
  terminal: 'Terminal',
  container: 'Container',
  files: 'Files',
  inspect: 'Inspect',
  events: 'Events',
  placement: 'Placement',
};

function useRun(workspace: string, id: string) {
  const cache = useQueryClient();
  const realtime = useRealtime();
  const [gone, setGone] = useState(false);
  const query = useQuery({
    queryKey: queryKeys.run(workspace, id),
    queryFn: async ({ queryKey, signal }) => {
      const read = await api.getRun(workspace, id, signal);
      return newerRun(cache.getQueryData<Run>(queryKey), read);
    },
  });
  useEffect(
    () =>
      realtime?.watchRun(workspace, id, (run) => {
        if (run) cache.setQueryData<Run>(queryKeys.run(workspace, id), (known) => newerRun(known, run));
        else setGone(true);
      }),
    [realtime, cache, workspace, id],
  );
  return { query, gone };
}

export function RunPage({ id }: { id: string }) {
  const workspace = useWorkspace();
  const { query, gone } = useRun(workspace, id);
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('logs'));
  useKeys([
    { keys: 'l', label: 'Logs', run: () => void setTab('logs') },
    { keys: 't', label: 'Stats', run: () => void setTab('stats') },
    { keys: '$', label: 'Terminal', run: () => void setTab('terminal') },
    { keys: 'c', label: 'Container', run: () => void setTab('container') },
    { keys: 'b', label: 'Files', run: () => void setTab('files') },
    { keys: 'i', label: 'Inspect', run: () => void setTab('inspect') },
    { keys: 'e', label: 'Events', run: () => void setTab('events') },
    { keys: 'p', label: 'Placement', run: () => void setTab('placement') },
  ]);

  return (
    <OneThing
      query={query}
      gone={gone}
      none="There is no such run here, or it was removed."
      list={{ href: paths.runs(workspace), label: 'To the runs' }}
      reading="Reading the run"
    >
      {(run) => (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          <div className="flex flex-col gap-3 px-4 pb-4 pt-4 md:px-6">
            <RunHead run={run} workspace={workspace} />
            <RunSituation run={run} />
            <ImageLine run={run} workspace={workspace} />
            <Timeline run={run} workspace={workspace} />
            <PresentPull run={run} />
          </div>
          <Tabs
            label="About this run"
            value={tab}
            onChange={(next) => void setTab(next)}
            tabs={TABS.map((value) => ({ value, label: TAB_WORDS[value] }))}
          >
            {tab === 'logs' && <LogPanel run={run} workspace={workspace} key={id} />}
            {tab === 'stats' && <StatsTab run={run} workspace={workspace} key={id} />}
            {tab === 'terminal' && <TerminalTab run={run} workspace={workspace} key={id} />}
            {tab === 'container' && <ContainerTab run={run} workspace={workspace} key={id} />}
            {tab === 'files' && <FilesTab run={run} workspace={workspace} key={id} />}
            {tab === 'inspect' && <InspectTab run={run} workspace={workspace} key={id} />}
            {tab === 'events' && <EventsTab run={run} workspace={workspace} />}
            {tab === 'placement' && <PlacementTab run={run} />}
          </Tabs>
        </div>
      )}
    </OneThing>
  );
}

function PresentPull({ run }: { run: Run }) {
  const pull = run.status.attempts.at(-1)?.pull;
  return pull && <PullView pull={pull} />;
}
