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
import { newestOf, renewalsOf, renewed } from './renewal.ts';
import { useServiceActions } from './use-service-actions.ts';

interface RenewDialogProps {
  service: Service;
  workspace: string;
  /** The revision that is asked for now; undefined while it is read. */
  present: ServiceRevision | undefined;
  onClose: () => void;
}

/** Which secrets would get which versions, and what it takes to give them to the replicas, before it is done. */
export function RenewDialog({ service, workspace, present, onClose }: RenewDialogProps) {
  const { steer } = useServiceActions(workspace, service);
  const { id, name } = service.metadata;
  const secrets = useQuery({ queryKey: queryKeys.secrets(workspace), queryFn: ({ signal }) => api.listSecrets(workspace, signal) });
  const after = secrets.data && renewed(service.spec.template, newestOf(secrets.data.items));
  const renewals = after && present && renewalsOf(after, present.template);
  const isNew = renewals !== undefined && renewals.length > 0;
  const versions = after?.spec.secrets?.map(({ version }) => version) ?? [];
  const plan = useQuery({
    queryKey: queryKeys.serviceRenewal(workspace, id, versions.join(' ')),
    queryFn: ({ signal }) =>
      api.planServiceUpdate(workspace, id, { spec: { ...service.spec, template: after ?? service.spec.template } }, signal),
    enabled: isNew,
  });
  const failure = secrets.error ?? plan.error ?? steer.error;
  return (
    <Dialog title={`Use new versions of the secrets of ${name}?`} onClose={onClose} wide>
      <div className="flex flex-col gap-4">
        {renewals?.length === 0 ? (
          <p>It has the newest versions of its secrets already: there is nothing to roll out.</p>
        ) : (
          <p>
            A replica keeps the versions that it was made with. A new revision has the newest ones, and is rolled out like any other; its
            template stays as it is.
          </p>
        )}
        {failure && <Failure>{failure.message}</Failure>}
        {!failure && !renewals && <Skeleton label="Reading the secrets" rows={3} />}
        {isNew && plan.isPending && <Skeleton label="Asking what it would do" rows={3} />}
        {isNew && plan.data && <PlanView plan={{ ...plan.data, changes: renewals }} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>Leave it</Button>
          <Button
            kind="primary"
            busy={steer.isPending}
            reason={reasonAgainst(renewals?.length, plan.data !== undefined)}
            onClick={() => steer.mutate({ action: 'renew' }, { onSuccess: onClose })}
          >
            Roll them out
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function reasonAgainst(renewals: number | undefined, isPlanned: boolean): string | null {
  if (renewals === 0) return 'It has them already.';
  return isPlanned ? null : 'What it would do is not known yet.';
}
