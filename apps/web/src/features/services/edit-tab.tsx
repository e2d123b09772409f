'use client';
import type { CreateService, Service } from '@berth/shared/model/service';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ProblemError } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Failure } from '../../ui/failure.tsx';
import { ServiceForm } from './service-form.tsx';
import { fromService } from './service-values.ts';
import { isOutOfDate } from './use-service-actions.ts';

interface EditTabProps {
  service: Service;
  workspace: string;
  onApplied: () => void;
}

/** The spec in the form, as it was when the form was opened. A change that somebody else has made meanwhile is not written over. */
export function EditTab({ service, workspace, onApplied }: EditTabProps) {
  const cache = useQueryClient();
  const [seen, setSeen] = useState(service);
  const { id } = service.metadata;
  const save = useMutation({
    // The version changes with all that its replicas do, too: only another spec or other labels are a conflict.
    mutationFn: async ({ metadata: { labels = {} }, spec }: CreateService) => {
      const now = await api.getService(workspace, id);
      if (now.metadata.generation !== seen.metadata.generation) throw new ProblemError(412, { detail: MEANWHILE });
      return api.updateService(workspace, id, { metadata: { labels }, spec }, now.metadata.resourceVersion);
    },
    retry: isOutOfDate,
    onSuccess: (updated) => {
      onApplied();
      cache.setQueryData(queryKeys.service(workspace, id), updated);
      return cache.invalidateQueries({ queryKey: queryKeys.services(workspace) });
    },
  });
  const isOld = !save.isPending && !save.isSuccess && service.metadata.generation !== seen.metadata.generation;
  return (
    <div className="pt-4">
      {isOld && (
        <div className="px-4 pb-4 md:px-6">
          <Failure action={<Button onClick={() => setSeen(service)}>Begin again</Button>}>{MEANWHILE}</Failure>
        </div>
      )}
      <ServiceForm
        key={seen.metadata.generation}
        isNew={false}
        workspace={workspace}
        initial={fromService(seen)}
        known={seen}
        plan={({ spec }) => api.planServiceUpdate(workspace, id, { spec })}
        apply={async (request) => {
          await save.mutateAsync(request);
        }}
      />
    </div>
  );
}

const MEANWHILE = 'Somebody has changed it since this form was opened: begin again from what it is now.';
