'use client';
import type { HostFilter, HostMap } from '@berth/shared/model/host-map';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api } from '../../../lib/api.ts';
import { queryKeys } from '../../../lib/query-keys.ts';
import { useRealtime } from '../../../lib/realtime-context.tsx';
import { changeMap } from './host-cells.ts';

/** The hosts of a filter: read once for the first picture, then as the socket tells what has changed. */
export function useHostMap(workspace: string, filter: HostFilter) {
  const cache = useQueryClient();
  const realtime = useRealtime();
  const key = queryKeys.hostMap(workspace, filter);
  const name = JSON.stringify(key);
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const { items } = await api.hostMap(workspace, filter, signal);
      return changeMap(undefined, { whole: true, cells: items, gone: [] });
    },
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    // What changes it keeps the objects of hosts that stay as they are.
    structuralSharing: false,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: `name` is the whole of key, workspace and filter
  useEffect(
    () =>
      realtime?.watchHosts(workspace, filter, (change) => {
        // The answer that is still on its way is older than this.
        if (change.whole) void cache.cancelQueries({ queryKey: key });
        cache.setQueryData<HostMap>(key, (map) => (map || change.whole ? changeMap(map, change) : map));
      }),
    [cache, realtime, name],
  );
  return query;
}
