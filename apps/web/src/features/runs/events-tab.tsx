'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Run } from '@berth/shared/model/run';
import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { api } from '../../lib/api.ts';
import { formatAbsolute, formatClock, formatDuration } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { lookOfStatus } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Elapsed } from '../../ui/time.tsx';
import { describeEvent, EVENT_KIND_WORDS, EVENT_KINDS } from './event-words.ts';

const ROW =
  'grid grid-cols-[100px_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-0 md:grid-cols-[100px_72px_112px_minmax(0,1fr)]';

/** What happened and who did it, oldest first, with the time since the row before; last of all what is so now, and what it waits for. */
export function EventsTab({ run, workspace }: { run: Run; workspace: string }) {
  const [shown, setShown] = useQueryState('events', parseAsStringLiteral(EVENT_KINDS));
  const events = useQuery({
    queryKey: queryKeys.runEvents(workspace, run.metadata.id),
    queryFn: ({ signal }) => api.runEvents(workspace, run.metadata.id, signal),
  });
  if (events.isPending) return <Skeleton label="Reading the events" />;
  if (events.isError && events.data === undefined) {
    return (
      <div className="p-4 md:px-6">
        <Failure>{events.error.message}</Failure>
      </div>
    );
  }
  const all = events.data.items.map((event) => ({ event, ...describeEvent(event) }));
  const rows = shown === null ? all : all.filter((row) => row.kind === shown);
  return (
    <div className="px-4 py-3 md:px-6">
      <fieldset className="mb-2 flex flex-wrap gap-1">
        <legend className="sr-only">Show</legend>
        {[null, ...EVENT_KINDS].map((kind) => {
          const count = kind === null ? all.length : all.filter((row) => row.kind === kind).length;
          return (
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
              {kind === null ? 'All' : EVENT_KIND_WORDS[kind]} {count}
            </button>
          );
        })}
      </fieldset>
      <ol aria-label="Events">
        {rows.map(({ event, look, text }, index) => {
          const before = rows[index - 1]?.event;
          return (
            <li key={event.cursor} className={ROW}>
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
        {rows.length === 0 && <li className="py-1.5 text-muted">Nothing of this kind has happened.</li>}
      </ol>
      {!isTerminal(run.status.phase) && <Now run={run} />}
    </div>
  );
}

function Now({ run }: { run: Run }) {
  const { status, metadata } = run;
  const since = status.waiting?.since ?? status.phaseTimes[status.phase] ?? metadata.createdAt;
  return (
    <section aria-label="Now" className={clsx(ROW, 'border-t')}>
      <span className="text-sm text-muted">now</span>
      <span className="text-right text-sm text-muted max-md:hidden">
        <Elapsed from={since} to={null} />
      </span>
      <span className="max-md:col-start-2">
        <StateBadge look={lookOfStatus(status)} />
      </span>
      <span className="min-w-0 break-words max-md:col-start-2">
        {status.waiting ? status.waiting.message : status.message}
        {status.waiting && (
          <span className="block text-muted">
            Since <span title={formatAbsolute(since)}>{formatClock(since)}</span>.{' '}
            {status.waiting.deadline === null ? '' : `Berth gives up at ${formatClock(status.waiting.deadline)}. `}
            {status.waiting.next}
          </span>
        )}
      </span>
    </section>
  );
}
