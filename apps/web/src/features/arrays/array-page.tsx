'use client';
import type { RunArray } from '@berth/shared/model/run-array';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
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
  if (query.error instanceof ProblemError && query.error.status === 404) {
    return (
      <Empty
        sentence="There is no such run array here, or it was deleted."
        action={
          <Link href={paths.runArrays(workspace)} className={buttonClass()}>
            To the run arrays
          </Link>
        }
      />
    );
  }
  if (query.isError) {
    return (
      <div className="p-6">
        <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>
      </div>
    );
  }
  const array = query.data;
  if (!array) return <Skeleton label="Reading the run array" />;
  return (
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
  );
}
