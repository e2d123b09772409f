'use client';
import type { Token } from '@berth/shared/model/token';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { formatAbsolute } from '../../lib/format.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Age } from '../../ui/time.tsx';
import { CreateToken } from './create-token.tsx';

export function TokensPage() {
  const workspace = useWorkspace();
  const cache = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const tokens = useQuery({ queryKey: queryKeys.tokens(workspace), queryFn: ({ signal }) => api.listTokens(workspace, signal) });
  const revoke = useMutation({
    mutationFn: (id: string) => api.revokeToken(workspace, id),
    onSuccess: () => {
      setRevoking(null);
      return cache.invalidateQueries({ queryKey: queryKeys.tokens(workspace) });
    },
  });
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      <Plus size={14} aria-hidden="true" />
      Make a token
    </Button>
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Tokens" actions={create}>
        For scripts and the REST API. A token is shown once; only its hash is kept.
      </PageHead>
      {tokens.isPending && <Skeleton label="Reading the tokens" rows={3} />}
      {tokens.isError && (
        <div className="px-4 md:px-6">
          <Failure>{tokens.error.message}</Failure>
        </div>
      )}
      {tokens.data?.items.length === 0 && <Empty sentence="No token yet: a script needs one to call the REST API." action={create} />}
      <ul aria-label="Tokens" className="mx-4 md:mx-6">
        {tokens.data?.items.map((token) => (
          <li
            key={token.metadata.id}
            className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-6 gap-y-1 border-b border-line py-2.5 md:grid-cols-[minmax(0,1fr)_140px_160px_140px_auto]"
          >
            <span className="font-medium">{token.metadata.name}</span>
            <span className="font-mono text-sm text-muted max-md:order-2">{token.status.start}…</span>
            <span className="text-muted max-md:order-4">
              {token.status.lastUsedAt ? (
                <>
                  last used <Age at={token.status.lastUsedAt} suffix=" ago" />
                </>
              ) : (
                'never used'
              )}
            </span>
            <span className="text-muted max-md:order-3 max-md:text-right">
              {token.spec.expiresAt ? `ends ${formatAbsolute(token.spec.expiresAt).slice(0, 10)}` : 'has no end'}
            </span>
            <Button small onClick={() => setRevoking(token)} aria-label={`Revoke ${token.metadata.name}`}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      {creating && <CreateToken workspace={workspace} onClose={() => setCreating(false)} />}
      {revoking && (
        <Confirm
          title={`Revoke ${revoking.metadata.name}?`}
          yes="Revoke"
          no="Keep it"
          busy={revoke.isPending}
          error={revoke.error?.message}
          onYes={() => revoke.mutate(revoking.metadata.id)}
          onClose={() => setRevoking(null)}
        >
          Whatever uses it is refused from then on. This cannot be undone.
        </Confirm>
      )}
    </div>
  );
}
