'use client';
import type { Service } from '@berth/shared/model/service';
import { Confirm } from '../../ui/confirm.tsx';
import { replicasInWords } from './service-words.ts';
import type { useServiceActions } from './use-service-actions.ts';

interface DeleteServiceProps {
  service: Service;
  remove: ReturnType<typeof useServiceActions>['remove'];
  onClose: () => void;
}

export function DeleteService({ service, remove, onClose }: DeleteServiceProps) {
  const { metadata, status } = service;
  return (
    <Confirm
      title={`Delete ${metadata.name}?`}
      yes="Delete it"
      no="Keep it"
      busy={remove.isPending}
      error={remove.error?.message}
      onYes={() => remove.mutate()}
      onClose={onClose}
    >
      {status.replicas === 0
        ? 'It has no replica now. '
        : `Its ${replicasInWords(status.replicas)} ${status.replicas === 1 ? 'is' : 'are'} stopped, and removed with their logs. `}
      Its revisions and its history go, too. This cannot be undone.
    </Confirm>
  );
}
