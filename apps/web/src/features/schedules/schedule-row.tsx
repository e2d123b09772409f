'use client';
import type { Schedule } from '@berth/shared/model/schedule';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age, Until } from '../../ui/time.tsx';
import { lookOfLast, lookOfSchedule } from './schedule-state.ts';

/** Shared by the head and the rows, so that columns align. On a phone a row is three lines. */
export const SCHEDULE_GRID =
  'grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[124px_minmax(0,1.1fr)_minmax(0,1fr)_minmax(0,1fr)_88px_minmax(0,170px)] md:px-6';

export function ScheduleRow({ schedule, workspace }: { schedule: Schedule; workspace: string }) {
  const { metadata, spec, status } = schedule;
  const last = lookOfLast(schedule);
  const [outcome] = status.outcomes;
  return (
    <li className={`${SCHEDULE_GRID} relative items-center gap-y-0.5 border-b border-line py-1.5 hover:bg-hover focus-within:bg-selected`}>
      <span className="flex max-md:order-2 max-md:justify-self-end">
        <StateBadge look={lookOfSchedule(schedule)} />
      </span>
      <span className="min-w-0 truncate max-md:order-1">
        <Link
          href={paths.schedule(workspace, metadata.id)}
          prefetch={false}
          title={status.message}
          className="font-medium outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {metadata.name}
        </Link>
      </span>
      <span className="min-w-0 truncate text-muted max-md:order-3">
        <span className="font-mono text-sm">{spec.cron}</span> {spec.timeZone ?? 'UTC'}
      </span>
      <span className="min-w-0 truncate text-muted max-md:hidden">{spec.template.spec.image}</span>
      <span className="whitespace-nowrap text-muted max-md:order-4 max-md:text-right">
        {status.nextAt === null ? '–' : <Until at={status.nextAt} />}
      </span>
      <span className="flex min-w-0 items-center gap-2 max-md:order-5 max-md:col-span-2">
        {last && outcome ? (
          <>
            <StateBadge look={last} />
            <span className="truncate text-muted">
              <Age at={outcome.at} suffix=" ago" />
            </span>
          </>
        ) : (
          <span className="text-muted">No start yet</span>
        )}
      </span>
    </li>
  );
}
