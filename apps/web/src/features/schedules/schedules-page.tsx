'use client';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import Link from 'next/link';
import { parseAsString, useQueryState } from 'nuqs';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { TextFilter } from '../../ui/text-filter.tsx';
import { scheduleCurl } from './schedule-curl.ts';
import { SCHEDULE_GRID, ScheduleRow } from './schedule-row.tsx';

/** How its last run is changes without an event of the schedule. */
const LIVE_MS = 5000;

export function SchedulesPage() {
  const workspace = useWorkspace();
  const origin = useOrigin();
  const [name, setName] = useQueryState('name', parseAsString.withDefault(''));
  const schedules = useInfiniteQuery({
    queryKey: queryKeys.scheduleList(workspace, name),
    queryFn: ({ pageParam, signal }) => api.listSchedules(workspace, name, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: LIVE_MS,
    placeholderData: keepPreviousData,
  });
  const items = schedules.data?.pages.flatMap((page) => page.items) ?? [];
  const add = (
    <Link href={paths.newSchedule(workspace)} className={buttonClass('primary')}>
      <Plus size={14} aria-hidden="true" />
      Add a schedule
    </Link>
  );
  const example = { metadata: { name: 'hello' }, spec: { cron: '0 * * * *', template: { spec: { image: 'hello-world' } } } };
  return (
    <>
      <PageHead title="Schedules" actions={add}>
        They start containers by cron.
      </PageHead>
      {(items.length > 0 || name !== '') && (
        <search aria-label="Filter the schedules" className="border-b border-line px-4 pb-3 md:px-6">
          <TextFilter name="name" label="Name" value={name} set={(_, value) => void setName(value === '' ? null : value)} />
        </search>
      )}
      {schedules.isPending && <Skeleton label="Reading the schedules" />}
      {schedules.isError && items.length === 0 && (
        <div className="p-4 md:px-6">
          <Failure action={<Button onClick={() => void schedules.refetch()}>Try again</Button>}>{schedules.error.message}</Failure>
        </div>
      )}
      {schedules.isSuccess && items.length === 0 && name !== '' && (
        <Empty sentence="No schedule has such a name." action={<Button onClick={() => void setName(null)}>Clear the filter</Button>} />
      )}
      {schedules.isSuccess && items.length === 0 && name === '' && (
        <Empty sentence="Nothing is started by the clock yet." action={add}>
          <p className="mb-2 text-muted">The same from a terminal, every hour:</p>
          <Code label="the curl line" text={scheduleCurl(origin, workspace, example)} />
        </Empty>
      )}
      {items.length > 0 && (
        <div className="min-h-0 flex-1 overflow-y-auto">
          <div className={`${SCHEDULE_GRID} border-b border-line py-1.5 text-sm text-muted max-md:!hidden`}>
            <span>State</span>
            <span>Name</span>
            <span>Times</span>
            <span>Image</span>
            <span>Next start</span>
            <span>Last one</span>
          </div>
          <ul aria-label="Schedules">
            {items.map((schedule) => (
              <ScheduleRow key={schedule.metadata.id} schedule={schedule} workspace={workspace} />
            ))}
          </ul>
          {schedules.hasNextPage && (
            <div className="p-4 md:px-6">
              <Button busy={schedules.isFetchingNextPage} onClick={() => void schedules.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </div>
      )}
    </>
  );
}
