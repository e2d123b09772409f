'use client';
import type { ListedRunArray } from '@berth/shared/model/run-array';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { api } from '../../lib/api.ts';
import { apiPaths, paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { TextFilter } from '../../ui/text-filter.tsx';
import { Age } from '../../ui/time.tsx';
import { curlPost } from '../runs/curl-line.ts';
import { SmallBar } from './array-bar.tsx';
import { isGoing, lookOfArray } from './array-state.ts';

/** Their counts change without an event of an array; that there is another one is told. */
const LIVE_MS = 5000;

const GRID =
  'grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[124px_minmax(0,1.1fr)_minmax(0,1.3fr)_minmax(0,160px)_72px] md:px-6';
const EXAMPLE = { metadata: { name: 'hello' }, spec: { count: 3, template: { spec: { image: 'hello-world' } } } };

export function ArraysPage() {
  const workspace = useWorkspace();
  const origin = useOrigin();
  const [name, setName] = useQueryState('name', parseAsString.withDefault(''));
  const arrays = useInfiniteQuery({
    queryKey: queryKeys.runArrayList(workspace, name),
    queryFn: ({ pageParam, signal }) => api.listRunArrays(workspace, name, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some(({ status }) => isGoing(status))) ? LIVE_MS : false,
    placeholderData: keepPreviousData,
  });
  const items = arrays.data?.pages.flatMap((page) => page.items) ?? [];
  const add = (
    <Link href={paths.newRun(workspace)} className={buttonClass('primary')}>
      <Plus size={14} aria-hidden="true" />
      Run a container
    </Link>
  );
  return (
    <>
      <PageHead title="Run arrays" actions={add}>
        Many runs of one template, each with its number and its parameters.
      </PageHead>
      {(items.length > 0 || name !== '') && (
        <search aria-label="Filter the run arrays" className="border-b border-line px-4 pb-3 md:px-6">
          <TextFilter name="name" label="Name" value={name} set={(_, value) => void setName(value === '' ? null : value)} />
        </search>
      )}
      {arrays.isPending && <Skeleton label="Reading the run arrays" />}
      {arrays.isError && items.length === 0 && (
        <div className="p-4 md:px-6">
          <Failure action={<Button onClick={() => void arrays.refetch()}>Try again</Button>}>{arrays.error.message}</Failure>
        </div>
      )}
      {arrays.isSuccess && items.length === 0 && name !== '' && (
        <Empty sentence="No run array has such a name." action={<Button onClick={() => void setName(null)}>Clear the filter</Button>} />
      )}
      {arrays.isSuccess && items.length === 0 && name === '' && (
        <Empty sentence="Nothing is run several times at once yet: the form of a run has it under “Several at once”." action={add}>
          <p className="mb-2 text-muted">The same from a terminal:</p>
          <Code label="the curl line" text={curlPost(`${origin}${apiPaths.runArrays(workspace)}`, EXAMPLE)} />
        </Empty>
      )}
      {items.length > 0 && (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className={`${GRID} border-b border-line py-1.5 text-sm text-muted max-md:!hidden`}>
            <span>State</span>
            <span>Name</span>
            <span>Image</span>
            <span>Ended</span>
            <span className="text-right">Age</span>
          </div>
          <ul aria-label="Run arrays">
            {items.map((array) => (
              <Row key={array.metadata.id} array={array} workspace={workspace} />
            ))}
          </ul>
          {arrays.hasNextPage && (
            <div className="p-4 md:px-6">
              <Button busy={arrays.isFetchingNextPage} onClick={() => void arrays.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
}

function Row({ array: { metadata, spec, status }, workspace }: { array: ListedRunArray; workspace: string }) {
  return (
    <li className={`${GRID} relative items-center gap-y-0.5 border-b border-line py-1.5 hover:bg-hover focus-within:bg-selected`}>
      <span className="flex max-md:order-2 max-md:justify-self-end">
        <StateBadge look={lookOfArray(status)} />
      </span>
      <span className="min-w-0 truncate max-md:order-1">
        <Link
          href={paths.runArray(workspace, metadata.id)}
          prefetch={false}
          className="font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {metadata.name}
        </Link>
      </span>
      <span className="min-w-0 truncate text-muted max-md:hidden">{spec.template.spec.image}</span>
      <span className="max-md:order-3">
        <SmallBar status={status} />
      </span>
      <span className="whitespace-nowrap text-right text-muted max-md:order-4">
        <Age at={metadata.createdAt} />
      </span>
    </li>
  );
}
