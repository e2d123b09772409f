'use client';
import type { Service } from '@berth/shared/model/service';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { api, ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { notify } from '../../ui/notice.tsx';

export type Steering =
  | { action: 'scale'; replicas: number }
  | { action: 'roll-back'; revision: number }
  | { action: 'promote' }
  | { action: 'retry' }
  | { action: 'renew' }
  | { action: 'pause'; paused: boolean };

export function useServiceActions(workspace: string, service: Service) {
  const router = useRouter();
  const cache = useQueryClient();
  const { id, name } = service.metadata;
  const steer = useMutation({
    mutationFn: (steering: Steering) => call(workspace, id, steering),
    retry: isOutOfDate,
    onSuccess: (updated) => {
      cache.setQueryData(queryKeys.service(workspace, id), updated);
      return cache.invalidateQueries({ queryKey: queryKeys.services(workspace) });
    },
    onError: (error) => notify(error.message, true),
  });
  const remove = useMutation({
    mutationFn: () => api.deleteService(workspace, id),
    onSuccess: () => {
      notify(`${name} is deleted.`);
      router.push(paths.services(workspace));
    },
  });
  return { steer, remove };
}

/** Its version moves with everything that its replicas do: read it again and go on. */
export const isOutOfDate = (count: number, error: Error): boolean =>
  error instanceof ProblemError && error.problem.code === 'precondition-failed' && count < 5;

async function call(workspace: string, id: string, steering: Steering): Promise<Service> {
  switch (steering.action) {
    case 'scale':
      return api.scaleService(workspace, id, steering.replicas);
    case 'roll-back':
      return api.rollBackService(workspace, id, steering.revision);
    case 'promote':
      return api.promoteService(workspace, id);
    case 'retry':
      return api.retryService(workspace, id);
    case 'renew':
      return api.renewService(workspace, id);
    case 'pause': {
      const { metadata, spec } = await api.getService(workspace, id);
      return api.updateService(workspace, id, { spec: { ...spec, paused: steering.paused || undefined } }, metadata.resourceVersion);
    }
  }
}
