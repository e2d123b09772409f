'use client';
import type { Service, ServiceRevision } from '@berth/shared/model/service';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { PlanView } from './plan-view.tsx';
import { imageName } from './service-words.ts';
import { useServiceActions } from './use-service-actions.ts';

interface RollBackDialogProps {
  service: Service;
  workspace: string;
  revision: ServiceRevision;
  onClose: () => void;
}

/** What going back would do, as things are now, before it is done. */
export function RollBackDialog({ service, workspace, revision, onClose }: RollBackDialogProps) {
  const { steer } = useServiceActions(workspace, service);
  const { id, name } = service.metadata;
  const plan = useQuery({
    queryKey: queryKeys.serviceRollBack(workspace, id, revision.number),
    queryFn: ({ signal }) => api.planServiceUpdate(workspace, id, { spec: { ...service.spec, template: revision.template } }, signal),
  });
  return (
    <Dialog title={`Roll ${name} back to revision ${revision.number}?`} onClose={onClose} wide>
      <div className="flex flex-col gap-4">
        <p>
          It runs {imageName(revision.template.spec.image)} again. Its spec becomes what it was then; how many there are, and how they are
          rolled, stays as it is.
        </p>
        {plan.isPending && <Skeleton label="Asking what it would do" rows={3} />}
        {plan.isError && <Failure>{plan.error.message}</Failure>}
        {plan.data && <PlanView plan={plan.data} />}
        {steer.isError && <Failure>{steer.error.message}</Failure>}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            kind="primary"
            busy={steer.isPending}
            reason={plan.data ? null : 'What it would do is not known yet.'}
            onClick={() => steer.mutate({ action: 'roll-back', revision: revision.number }, { onSuccess: onClose })}
          >
            Roll back
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
