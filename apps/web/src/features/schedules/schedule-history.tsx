'use client';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Schedule } from '@berth/shared/model/schedule';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { formatAbsolute } from '../../lib/format.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { lookOfOutcome } from './schedule-state.ts';

const ROW = 'grid gap-x-4 border-b border-line py-1.5 last:border-0';
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What became of its last times, those without a run too. */
export function OutcomesTab({ schedule, workspace }: { schedule: Schedule; workspace: string }) {
  const { outcomes } = schedule.status;
  if (outcomes.length === 0) return <p className="px-4 py-3 text-muted md:px-6">No time of it has come yet.</p>;
  return (
    <ol aria-label="Last starts" className="px-4 py-2 md:px-6">
      {outcomes.map((outcome) => (
        <li key={`${outcome.at} ${outcome.runId}`} className={`${ROW} md:grid-cols-[190px_110px_minmax(0,1fr)]`}>
          <time dateTime={outcome.at} className="font-mono text-sm text-muted">
            {formatAbsolute(outcome.at)}
          </time>
          <StateBadge look={lookOfOutcome(outcome.outcome)} />
          <span className="min-w-0 break-words">
            {outcome.runId === null ? (
              capital(outcome.message)
            ) : (
              <Link href={paths.run(workspace, outcome.runId)} className="underline">
                {capital(outcome.message)}
              </Link>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** What happened to it and who did it, the newest first. */
export function ScheduleEventsTab({ id, workspace }: { id: string; workspace: string }) {
  const events = useQuery({
    queryKey: queryKeys.scheduleEvents(workspace, id),
    queryFn: ({ signal }) => api.scheduleEvents(workspace, id, signal),
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
        <li key={event.cursor} className={`${ROW} md:grid-cols-[190px_minmax(0,1fr)]`}>
          <time dateTime={event.at} className="font-mono text-sm text-muted">
            {formatAbsolute(event.at)}
          </time>
          <span className="min-w-0 break-words">
            {event.type === 'schedule.changed' ? capital(event.data.message) : event.type}
            {event.type === 'schedule.changed' && event.data.actor !== undefined && `, by ${nameOfActor(event.data.actor)}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
