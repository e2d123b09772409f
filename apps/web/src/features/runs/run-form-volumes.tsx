'use client';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { PairRows } from './run-form-rows.tsx';

/** One that is there, or the name of a new one. */
export function VolumeRows() {
  const workspace = useWorkspace();
  const { data } = useQuery({ queryKey: queryKeys.volumes(workspace), queryFn: ({ signal }) => api.listVolumes(workspace, signal) });
  const names = (data?.items ?? []).map(({ metadata }) => metadata.name);
  return <PairRows name="volumes" title="Volumes" noun="volume" placeholder={['data, or a new name', '/data']} suggestions={names} />;
}
