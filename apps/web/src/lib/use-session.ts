'use client';
import { useQuery } from '@tanstack/react-query';
import { api } from './api.ts';
import { queryKeys } from './query-keys.ts';

export function useSession() {
  return useQuery({ queryKey: queryKeys.session, queryFn: ({ signal }) => api.session(signal), staleTime: Number.POSITIVE_INFINITY });
}
