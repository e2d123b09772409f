import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';

/** Sentences move on, "replaced in 4 s", without an event. */
const LIVE_MS = 10_000;

/** Newest first, page after page. */
export function useServices(workspace: string, name: string) {
  const asked = { name: name.trim().toLowerCase() || undefined, limit: '100' };
  return useInfiniteQuery({
    queryKey: queryKeys.serviceList(workspace, asked),
    queryFn: ({ signal, pageParam }) => api.listServices(workspace, asked, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: (before) => before,
    refetchInterval: LIVE_MS,
  });
}
