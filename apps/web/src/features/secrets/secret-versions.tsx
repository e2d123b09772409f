'use client';
import type { Secret } from '@berth/shared/model/secret';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Age } from '../../ui/time.tsx';
import { SecretUsers } from './secret-users.tsx';

/** All versions, the newest first; the value of an earlier one that nobody uses can be destroyed. */
export function SecretVersions({ secret, workspace, onClose }: { secret: Secret; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const { id, name } = secret.metadata;
  const versions = useQuery({
    queryKey: queryKeys.secretVersions(workspace, id),
    queryFn: ({ signal }) => api.secretVersions(workspace, id, signal),
  });
  const destroy = useMutation({
    mutationFn: (number: number) => api.destroySecretVersion(workspace, id, number),
    onSettled: () => cache.invalidateQueries({ queryKey: queryKeys.secrets(workspace) }),
  });
  return (
    <Dialog title={`Versions of ${name}`} onClose={onClose} wide>
      <div className="flex flex-col gap-4">
        {(versions.error ?? destroy.error) && <Failure>{(versions.error ?? destroy.error)?.message}</Failure>}
        {versions.isPending && <Skeleton label="Reading the versions" rows={2} />}
        <ul aria-label="Versions">
          {versions.data?.items.toReversed().map(({ number, createdAt, destroyedAt, users }) => (
            <li key={number} className="grid grid-cols-[2.5rem_minmax(0,1fr)_auto] items-center gap-x-4 border-b border-line py-2">
              <span className="font-mono font-medium">{number}</span>
              <span className="min-w-0 text-muted">
                made <Age at={createdAt} suffix=" ago" />
                {users.length > 0 && (
                  <>
                    , used by <SecretUsers users={users.map((user) => ({ ...user, version: null }))} more={false} workspace={workspace} />
                  </>
                )}
              </span>
              {destroyedAt !== null ? (
                <span className="text-muted">
                  destroyed <Age at={destroyedAt} suffix=" ago" />
                </span>
              ) : number === secret.status.version ? (
                <span>the latest</span>
              ) : (
                <Button
                  small
                  busy={destroy.isPending && destroy.variables === number}
                  reason={users.length > 0 ? 'It is used: what runs may be started again.' : null}
                  onClick={() => destroy.mutate(number)}
                  aria-label={`Destroy the value of version ${number}`}
                >
                  Destroy
                </Button>
              )}
            </li>
          ))}
        </ul>
        <div className="flex justify-end">
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </Dialog>
  );
}
