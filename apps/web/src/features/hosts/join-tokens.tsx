'use client';
import type { JoinToken } from '@berth/shared/model/host';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { formatAbsolute } from '../../lib/format.ts';
import { labelText } from '../../lib/label-text.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/clock.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { notify } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

/** Those with which a machine could still join, and those of before. */
export function JoinTokens({ workspace, onClose }: { workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const now = useNow();
  const tokens = useQuery({ queryKey: queryKeys.joinTokens(workspace), queryFn: ({ signal }) => api.listJoinTokens(workspace, signal) });
  const revoke = useMutation({
    mutationFn: (id: string) => api.revokeJoinToken(workspace, id),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.joinTokens(workspace) }),
    onError: (error) => notify(error.message, true),
  });
  return (
    <Dialog title="Join tokens" onClose={onClose} wide>
      <p className="mb-3 text-muted">Whoever has one of these can add a host. Hosts that have joined stay when theirs is revoked.</p>
      {tokens.isPending && <Skeleton label="Reading the join tokens" rows={3} />}
      {tokens.isError && <Failure>{tokens.error.message}</Failure>}
      {tokens.data?.items.length === 0 && <p className="text-muted">There is none: “Add a host” makes one.</p>}
      <ul aria-label="Join tokens">
        {tokens.data?.items.map((token) => {
          const over = whyOver(token, now);
          return (
            <li key={token.metadata.id} className="flex items-center justify-between gap-4 border-b border-line py-2 last:border-0">
              <span className="min-w-0">
                <span className="block truncate font-mono text-sm">{token.metadata.name}</span>
                <span className="block text-sm text-muted">
                  {over ?? `until ${token.spec.expiresAt ? formatAbsolute(token.spec.expiresAt).slice(0, 16) : 'it is revoked'}`}, used{' '}
                  {token.status.uses}
                  {token.spec.maxUses === null ? ' times' : ` of ${token.spec.maxUses}`}
                  {Object.entries(token.metadata.labels).map(([key, value]) => ` · ${labelText(key, value)}`)}
                </span>
              </span>
              <Button
                small
                reason={over}
                busy={revoke.isPending && revoke.variables === token.metadata.id}
                onClick={() => revoke.mutate(token.metadata.id)}
                aria-label={`Revoke ${token.metadata.name}`}
              >
                Revoke
              </Button>
            </li>
          );
        })}
      </ul>
      <div className="mt-4 flex justify-end">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** Null: a machine can still join with it. */
function whyOver({ spec, status }: JoinToken, now: number): string | null {
  if (status.revokedAt !== null) return 'revoked';
  if (spec.expiresAt !== null && Date.parse(spec.expiresAt) <= now) return 'past its end';
  return spec.maxUses !== null && status.uses >= spec.maxUses ? 'used up' : null;
}
