'use client';
import type { BerthEvent } from '@berth/shared/events/event';
import { nameOfActor } from '@berth/shared/model/actor';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { formatAbsolute } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

/** What happened to the host and who did it, the newest first. */
export function HostEventsTab({ id, workspace }: { id: string; workspace: string }) {
  const events = useQuery({
    queryKey: queryKeys.hostEvents(workspace, id),
    queryFn: ({ signal }) => api.hostEvents(workspace, id, signal),
  });
  if (events.isPending) return <Skeleton label="Reading the events" />;
  if (events.isError && events.data === undefined) {
    return (
      <div className="p-4 md:px-6">
        <Failure>{events.error.message}</Failure>
      </div>
    );
  }
  return (
    <ol aria-label="Events" className="px-4 py-2 md:px-6">
      {events.data.items.toReversed().map((event) => (
        <li key={event.cursor} className="grid gap-x-4 border-b border-line py-1.5 last:border-0 md:grid-cols-[190px_minmax(0,1fr)]">
          <time dateTime={event.at} className="font-mono text-sm text-muted">
            {formatAbsolute(event.at)}
          </time>
          <span className="min-w-0 break-words">{sentence(event)}</span>
        </li>
      ))}
    </ol>
  );
}

function sentence(event: BerthEvent): string {
  if (event.type !== 'host.changed') return event.type;
  const { change, message, actor } = event.data;
  // That one begins with the host's name.
  const text = change === 'enrolled' ? message : message.charAt(0).toUpperCase() + message.slice(1);
  return actor === undefined ? text : `${text}, by ${nameOfActor(actor)}`;
}
