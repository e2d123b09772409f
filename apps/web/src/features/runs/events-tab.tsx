'use client';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { formatAbsolute, formatClock, formatDuration } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { describeEvent } from './event-words.ts';

/** What happened, oldest first, with the time since the step before. */
export function EventsTab({ run, workspace }: { run: Run; workspace: string }) {
  const events = useQuery({
    queryKey: queryKeys.runEvents(workspace, run.metadata.id),
    queryFn: ({ signal }) => api.runEvents(workspace, run.metadata.id, signal),
  });
  if (events.isPending) return <Skeleton label="Reading the events" />;
  if (events.isError) {
    return (
      <div className="p-4 md:px-6">
        <Failure>{events.error.message}</Failure>
      </div>
    );
  }
  return (
    <ol aria-label="Events" className="px-4 py-3 md:px-6">
      {events.data.items.map((event, index, all) => {
        const { look, text } = describeEvent(event);
        const before = all[index - 1];
        return (
          <li
            key={event.cursor}
            className="grid grid-cols-[100px_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-0 md:grid-cols-[100px_72px_112px_minmax(0,1fr)]"
          >
            <time dateTime={event.at} title={formatAbsolute(event.at)} className="font-mono text-sm text-muted">
              {formatClock(event.at)}
            </time>
            <span className="text-right text-sm text-muted tabular-nums max-md:hidden">
              {before && `+${formatDuration(Date.parse(event.at) - Date.parse(before.at))}`}
            </span>
            <span className={look ? 'max-md:col-start-2' : 'max-md:hidden'}>{look && <StateBadge look={look} />}</span>
            <span className="min-w-0 break-words max-md:col-start-2">{text}</span>
          </li>
        );
      })}
    </ol>
  );
}
