'use client';
import type { Secret } from '@berth/shared/model/secret';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Confirm } from '../../ui/confirm.tsx';
import { SecretUsers } from './secret-users.tsx';

export function DeleteSecret({ secret, workspace, onClose }: { secret: Secret; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const { metadata, status } = secret;
  const used = status.users.length > 0;
  const remove = useMutation({
    // By force only where its users were shown.
    mutationFn: () => api.deleteSecret(workspace, metadata.id, used),
    onSuccess: onClose,
    onSettled: () => cache.invalidateQueries({ queryKey: queryKeys.secrets(workspace) }),
  });
  return (
    <Confirm
      title={`Delete ${metadata.name}?`}
      yes={used ? 'Delete it all the same' : 'Delete'}
      no="Keep it"
      busy={remove.isPending}
      error={remove.error?.message}
      onYes={() => remove.mutate()}
      onClose={onClose}
    >
      {used && (
        <>
          It is used by <SecretUsers users={status.users} more={status.moreUsers} workspace={workspace} />. What runs goes on with the value
          that it has; what is started or placed again fails.{' '}
        </>
      )}
      All of its values are gone for good.
    </Confirm>
  );
}
