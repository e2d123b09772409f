import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';

/** What its replicas pull and how they fare changes without an event of the service: as often as a reader can follow, while something moves. */
const MOVING_MS = 1500;
const CALM_MS = 10_000;

export function useService(workspace: string, id: string) {
  return useQuery({
    queryKey: queryKeys.service(workspace, id),
    queryFn: ({ signal }) => api.getService(workspace, id, signal),
    refetchInterval: ({ state: { data } }) => (data && isMoving(data.status) ? MOVING_MS : CALM_MS),
  });
}

/** `moving`: the service is not as it should be. */
export function useReplicas(workspace: string, id: string, moving: boolean) {
  return useQuery({
    queryKey: queryKeys.serviceReplicas(workspace, id),
    queryFn: ({ signal }) => api.serviceReplicas(workspace, id, signal),
    refetchInterval: moving ? MOVING_MS : CALM_MS,
  });
}

export function useRevisions(workspace: string, id: string) {
  return useQuery({
    queryKey: queryKeys.serviceRevisions(workspace, id),
    queryFn: ({ signal }) => api.serviceRevisions(workspace, id, signal),
  });
}

export const isMoving = ({
  rollout,
  available,
  desired,
  replicas,
}: {
  rollout: string;
  available: number;
  desired: number;
  replicas: number;
}) => rollout === 'rolling' || available !== desired || replicas !== desired;
