'use client';
import type { RunArray } from '@berth/shared/model/run-array';
import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { OneThing } from '../../ui/one-thing.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { RunList } from '../runs/run-list.tsx';
import { ArrayFailures } from './array-failures.tsx';
import { ArrayHead } from './array-head.tsx';
import { ArrayParameters } from './array-parameters.tsx';
import { isGoing } from './array-state.ts';

const TABS = ['runs', 'failures', 'parameters'] as const;
const TAB_WORDS = { runs: 'Runs', failures: 'First failures', parameters: 'Parameters' };
/** Its counts change without an event of the array. All of its parameters come with each reading: the more, the less often. */
const liveMs = ({ spec }: RunArray) => Math.max(2000, spec.parameters?.length ?? 0);

export function ArrayPage({ id }: { id: string }) {
  const workspace = useWorkspace();
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('runs'));
  const query = useQuery({
    queryKey: queryKeys.runArray(workspace, id),
    queryFn: ({ signal }) => api.getRunArray(workspace, id, signal),
    refetchInterval: ({ state: { data } }) => (data && isGoing(data.status) ? liveMs(data) : false),
  });
  // By their number: the order in which they were made.
  const filters = useMemo(() => ({ array: id, order: 'oldest' }), [id]);
  return (
    <OneThing
      query={query}
      none="There is no such run array here, or it was deleted."
      list={{ href: paths.runArrays(workspace), label: 'To the run arrays' }}
      reading="Reading the run array"
    >
      {(array) => (
        <>
          <ArrayHead array={array} workspace={workspace} />
          <Tabs
            label="About this run array"
            value={tab}
            onChange={(next) => void setTab(next)}
            tabs={TABS.map((value) => ({ value, label: TAB_WORDS[value] }))}
          >
            {tab === 'runs' && (
              <RunList filters={filters} empty={<p className="px-4 py-3 text-muted md:px-6">All of its runs were removed.</p>} />
            )}
            {tab === 'failures' && <ArrayFailures status={array.status} workspace={workspace} />}
            {tab === 'parameters' && <ArrayParameters parameters={array.spec.parameters} />}
          </Tabs>
        </>
      )}
    </OneThing>
  );
}
