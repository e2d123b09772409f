'use client';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { notify } from '../../ui/notice.tsx';

interface RemoveHostProps {
  host: Host;
  workspace: string;
  onRemoved: () => void;
  onClose: () => void;
}

export function RemoveHost({ host, workspace, onRemoved, onClose }: RemoveHostProps) {
  const cache = useQueryClient();
  const { metadata, status } = host;
  const { runs } = status.allocated;
  const remove = useMutation({
    mutationFn: () => api.removeHost(workspace, metadata.id),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.hostLists(workspace) });
      void cache.invalidateQueries({ queryKey: queryKeys.hostTotals(workspace) });
      notify(`${metadata.name} was removed.`);
      onRemoved();
    },
  });
  return (
    <Confirm
      title={status.approved ? `Remove ${metadata.name}?` : `Reject ${metadata.name}?`}
      yes={status.approved ? 'Remove' : 'Reject'}
      no="Keep it"
      busy={remove.isPending}
      error={remove.error?.message}
      onYes={() => remove.mutate()}
      onClose={onClose}
    >
      {runs === 0
        ? 'Nothing runs on it now.'
        : `${runs === 1 ? 'The run' : `The ${runs} runs`} on it ${runs === 1 ? 'is' : 'are'} lost to Berth: ${runs === 1 ? 'its container goes' : 'their containers go'} on there until somebody stops ${runs === 1 ? 'it' : 'them'} by hand. What may be replaced is placed on another host all the same, and so may run twice. To avoid both, drain the host first.`}{' '}
      Its agent is refused from then on and stops. Logs and history of what ran there stay. To add the machine again, empty the agent's home
      folder and enrol it anew.
    </Confirm>
  );
}
