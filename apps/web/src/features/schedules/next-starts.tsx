'use client';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, errorsOf } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Until } from '../../ui/time.tsx';

/** From one key to the next: what is written in one go is asked for once. */
const PAUSE_MS = 250;
const MOST_MS = 3_600_000;

/** What the server makes of the times that are being written: its next five starts, or what is wrong with them. */
export function useNextStarts(workspace: string, cron: string, timeZone: string) {
  const [asked, setAsked] = useState({ cron, timeZone });
  useEffect(() => {
    const timer = setTimeout(() => setAsked({ cron, timeZone }), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [cron, timeZone]);
  return useQuery({
    queryKey: queryKeys.scheduleStarts(workspace, asked.cron, asked.timeZone),
    queryFn: ({ signal }) => {
      // The rest of the request does not matter for its times.
      const template = { spec: { image: 'hello-world' } };
      const spec = { cron: asked.cron, ...(asked.timeZone !== '' && { timeZone: asked.timeZone }), template };
      return api.scheduleStarts(workspace, { metadata: { name: 'preview' }, spec }, signal);
    },
    enabled: asked.cron !== '',
    retry: false,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) => (data ? untilOver(data.starts[0]) : false),
    staleTime: 0,
  });
}

/** Once the first of them is over there are others; oftener than once a second nobody reads them, and a timer takes no month. */
function untilOver(first: string | undefined): number {
  const ms = first === undefined ? MOST_MS : Date.parse(first) - Date.now();
  return Math.min(MOST_MS, Math.max(1000, ms));
}

export function NextStarts({ query }: { query: ReturnType<typeof useNextStarts> }) {
  const { data, error } = query;
  const wrong = errorsOf(error);
  const zone = data?.timeZone ?? 'UTC';
  return (
    <section aria-label="Next starts" aria-live="polite" className="rounded-lg border border-line p-3">
      <h2 className="mb-2 font-medium">The next five starts</h2>
      {wrong && <p className="text-muted">{wrong.errors.length > 0 ? 'None: its times cannot be read.' : wrong.message}</p>}
      {!wrong && !data && <p className="text-muted">Asking…</p>}
      {!wrong && data && (
        <ol className="flex flex-col gap-1">
          {data.starts.map((start) => (
            <li key={start} className="flex justify-between gap-4">
              <span className="font-mono text-sm">{inZone(start, zone)}</span>
              <span className="text-muted">
                <Until at={start} />
              </span>
            </li>
          ))}
        </ol>
      )}
      {!wrong && data && <p className="mt-2 text-sm text-muted">In {zone}.</p>}
    </section>
  );
}

/** "Thu, 26 Nov 2026, 12:00:00", on the clocks of the zone. */
function inZone(iso: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(new Date(iso));
}
