'use client';
import type { Page } from '@berth/shared/http/lists';
import type { Run } from '@berth/shared/model/run';
import { type QueryClient, type QueryKey, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys, type RunFilters } from '../../lib/query-keys.ts';
import { fitsPhase, mergeHead, type Pages, replaceEnd, rowsOf } from './runs-cache.ts';
import { onRunsChanged } from './use-workspace-events.ts';

/**
 * The live list. While `reading` (the reader has scrolled down or stands on a row), rows that come in are counted, not shown:
 * nothing moves under the reader's eyes.
 */
export function useRunList(workspace: string, filters: RunFilters, reading: boolean) {
  const cache = useQueryClient();
  const key = queryKeys.runList(workspace, filters);
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => api.listRuns(workspace, filters, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    // What changes it keeps the objects that stay as they are: to compare thousands of rows at every event would find the same.
    structuralSharing: false,
  });

  const name = JSON.stringify(key);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `name` is the whole of key, workspace and filters
  useEffect(() => {
    const stop = new AbortController();
    const off = onRunsChanged(() => {
      if (filters.order === 'oldest') {
        void readEnd(cache, key, (from) => api.listRuns(workspace, filters, from, stop.signal));
        return;
      }
      void api.listRuns(workspace, filters, undefined, stop.signal).then(
        (head) => cache.setQueryData<Pages>(key, (data) => (data ? mergeHead(data, head) : data)),
        () => undefined, // the next event or the reconnect reads it again
      );
    });
    return () => {
      off();
      stop.abort();
    };
  }, [cache, name]);

  const all = useMemo(() => rowsOf(query.data).filter((run) => fitsPhase(run, filters)), [query.data, filters]);
  // Ids sort by the time of creation: what is above the line came after the reader began to read.
  const [line, setLine] = useState<string | null>(null);
  const newest = all[0]?.metadata.id ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the line is drawn when the reading begins, not when something new comes
  useEffect(() => {
    setLine(reading && filters.order !== 'oldest' ? newest : null);
  }, [reading, name]);
  const rows: Run[] = useMemo(() => (line === null ? all : all.filter((run) => run.metadata.id <= line)), [all, line]);

  return { query, rows, unseen: all.length - rows.length, showAll: () => setLine(null) };
}

/** With the oldest first, what is new comes at the end: the last page is read again where there is no other behind it. */
async function readEnd(cache: QueryClient, key: QueryKey, read: (from: string | undefined) => Promise<Page<Run>>): Promise<void> {
  const known = cache.getQueryData<Pages>(key);
  const from = known?.pageParams.at(-1);
  if (known?.pages.at(-1)?.next !== null || (from !== undefined && typeof from !== 'string')) return;
  try {
    const end = await read(from);
    cache.setQueryData<Pages>(key, (data) => (data && data.pageParams.at(-1) === from ? replaceEnd(data, end) : data));
  } catch {
    // The next event or the reconnect reads it again.
  }
}
