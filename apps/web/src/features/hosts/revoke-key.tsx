'use client';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Confirm } from '../../ui/confirm.tsx';

export function RevokeKey({ host, workspace, onClose }: { host: Host; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const { metadata } = host;
  const revoke = useMutation({
    mutationFn: () => api.revokeHostKey(workspace, metadata.id),
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
      onClose();
    },
  });
  return (
    <Confirm
      title={`Revoke the key of ${metadata.name}?`}
      yes="Revoke"
      no="Keep it"
      busy={revoke.isPending}
      error={revoke.error?.message}
      onYes={() => revoke.mutate()}
      onClose={onClose}
    >
      Whoever has the key is refused from then on, its own agent too. Containers there go on, but nothing more is heard of them. This cannot
      be undone: to have the machine back, remove the host, empty the agent's home folder and enrol it anew.
    </Confirm>
  );
}
