'use client';
import type { BerthEvent } from '@berth/shared/events/event';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Service } from '@berth/shared/model/service';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { api } from '../../lib/api.ts';
import { formatAbsolute, formatClock, formatDuration } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { describeEvent } from '../runs/event-words.ts';
import { lookOfChange, lookOfService } from './service-look.ts';
import { sentence } from './service-words.ts';

const KINDS = ['action', 'phase'] as const;
const KIND_WORDS = { action: 'What people did', phase: 'What it did' } as const;
const ROW =
  'grid grid-cols-[100px_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-0 md:grid-cols-[100px_72px_112px_minmax(0,1fr)]';

/** What happened and who did it, the newest first, with the time since the row below; above all what is so now. */
export function ServiceEventsTab({ service, workspace }: { service: Service; workspace: string }) {
  const [shown, setShown] = useQueryState('events', parseAsStringLiteral(KINDS));
  const { id } = service.metadata;
  const events = useQuery({
    queryKey: queryKeys.serviceEvents(workspace, id),
    queryFn: ({ signal }) => api.serviceEvents(workspace, id, signal),
  });
  if (events.isPending) return <Skeleton label="Reading the events" />;
  if (events.isError && events.data === undefined) {
    return (
      <div className="p-4 md:px-6">
        <Failure>{events.error.message}</Failure>
      </div>
    );
  }
  const all = events.data.items.toReversed();
  const isOf = (kind: (typeof KINDS)[number] | null) => (event: BerthEvent) => kind === null || describeEvent(event).kind === kind;
  const rows = all.filter(isOf(shown));
  return (
    <div className="px-4 py-3 md:px-6">
      <fieldset className="mb-2 flex flex-wrap gap-1">
        <legend className="sr-only">Show</legend>
        {[null, ...KINDS].map((kind) => (
          <button
            key={kind ?? 'all'}
            type="button"
            aria-pressed={shown === kind}
            onClick={() => void setShown(kind)}
            className={clsx(
              'rounded-full border px-2.5 py-0.5 text-sm tabular-nums',
              shown === kind ? 'border-accent text-text' : 'border-line text-muted hover:bg-hover',
            )}
          >
            {kind === null ? 'All' : KIND_WORDS[kind]} {all.filter(isOf(kind)).length}
          </button>
        ))}
      </fieldset>
      <section aria-label="Now" className={clsx(ROW, 'border-t last:border-b')}>
        <span className="text-sm text-muted">now</span>
        <span className="max-md:hidden" />
        <span className="max-md:col-start-2">
          <StateBadge look={lookOfService(service.status)} />
        </span>
        <span className="min-w-0 break-words max-md:col-start-2">{sentence(service.status.message)}</span>
      </section>
      <ol aria-label="Events">
        {rows.map((event, index) => (
          <EventRow key={event.cursor} event={event} before={rows[index + 1]} />
        ))}
        {rows.length === 0 && <li className="py-1.5 text-muted">Nothing of this kind has happened.</li>}
      </ol>
    </div>
  );
}

function EventRow({ event, before }: { event: BerthEvent; before: BerthEvent | undefined }) {
  const told = event.type === 'service.changed' ? event.data : null;
  const look = told && lookOfChange(told.change);
  return (
    <li className={ROW}>
      <time dateTime={event.at} title={formatAbsolute(event.at)} className="font-mono text-sm text-muted">
        {formatClock(event.at)}
      </time>
      <span className="text-right text-sm text-muted tabular-nums max-md:hidden">
        {before && `+${formatDuration(Date.parse(event.at) - Date.parse(before.at))}`}
      </span>
      {/* What a person asked for is no state yet. */}
      <span className={look && !told?.actor ? 'max-md:col-start-2' : 'max-md:hidden'}>
        {look && !told?.actor && <StateBadge look={look} />}
      </span>
      <span className="min-w-0 break-words max-md:col-start-2">
        {told?.actor ? `${nameOfActor(told.actor)}: ${told.message}` : sentence(told?.message ?? describeEvent(event).text)}
      </span>
    </li>
  );
}
