'use client';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Ban, Check, MoreHorizontal } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useKeys } from '../../lib/keys.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Menu } from '../../ui/menu.tsx';
import { notify } from '../../ui/notice.tsx';
import { RemoveHost } from './remove-host.tsx';
import { RevokeKey } from './revoke-key.tsx';

/** The version of the agent protocol whose agents make another key. */
const KEYS_SINCE = 4;

type HostCall = (workspace: string, id: string) => Promise<Host>;

/** What can be done to a host, and what it means. `onEdit`: its name and labels. */
export function HostActions({ host, workspace, onEdit }: { host: Host; workspace: string; onEdit: () => void }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [open, setOpen] = useState<'remove' | 'revoke' | 'drain' | 'give-up' | null>(null);
  const { metadata, status, spec } = host;
  const act = useMutation({
    mutationFn: (call: HostCall) => call(workspace, metadata.id),
    onSuccess: (updated) => {
      setOpen(null);
      cache.setQueryData(queryKeys.host(workspace, metadata.id), updated);
      return cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
    },
    onError: (error) => notify(error.message, true),
  });
  const does = (call: HostCall) => act.isPending && act.variables === call;
  const cordon: HostCall = spec.cordoned ? uncordonHost : cordonHost;
  const word = spec.cordoned ? 'Uncordon' : 'Cordon';
  useKeys([{ keys: 'c', label: `${word} the host`, run: () => act.isPending || act.mutate(cordon) }]);
  const silent = status.state === 'lost' || (status.waiting?.deadline ?? null) !== null;

  return (
    <div className="flex flex-wrap items-center gap-2">
      {!status.approved && (
        <>
          <Button kind="primary" onClick={() => act.mutate(api.approveHost)} busy={does(api.approveHost)}>
            <Check size={13} aria-hidden="true" />
            Approve
          </Button>
          <Button onClick={() => setOpen('remove')}>Reject…</Button>
        </>
      )}
      {status.drain ? (
        <Button busy={does(api.cancelDrain)} onClick={() => act.mutate(api.cancelDrain)}>
          {status.drain.drainedAt === null ? 'Cancel the drain' : 'Let it take runs again'}
        </Button>
      ) : (
        <Button onClick={() => setOpen('drain')}>Drain…</Button>
      )}
      <Button onClick={() => act.mutate(cordon)} keys="c" busy={does(cordon)}>
        <Ban size={13} aria-hidden="true" />
        {word}
      </Button>
      <Menu
        label="More actions"
        buttonClassName={clsx(buttonClass('plain'), '!px-2')}
        trigger={<MoreHorizontal size={15} aria-hidden="true" />}
        items={[
          { label: 'Rename, change labels…', onSelect: onEdit },
          {
            label: 'Replace its key',
            reason: reasonAgainstNewKey(host),
            onSelect: () => act.mutate(api.rotateHostKey, { onSuccess: () => notify(`${metadata.name} has another key.`) }),
          },
          {
            label: 'It is gone…',
            reason: silent ? null : 'Something is heard of it: only a host that is silent can be gone.',
            onSelect: () => setOpen('give-up'),
            danger: true,
          },
          {
            label: 'Revoke its key…',
            reason: status.key.revokedAt ? 'It is revoked already.' : null,
            onSelect: () => setOpen('revoke'),
            danger: true,
          },
          { label: 'Remove…', onSelect: () => setOpen('remove'), danger: true },
        ]}
      />
      {open === 'revoke' && <RevokeKey host={host} workspace={workspace} onClose={() => setOpen(null)} />}
      {open === 'remove' && (
        <RemoveHost host={host} workspace={workspace} onRemoved={() => router.push(paths.hosts(workspace))} onClose={() => setOpen(null)} />
      )}
      {open === 'drain' && (
        <Confirm
          title={`Drain ${metadata.name}?`}
          yes="Drain it"
          no="Leave it"
          busy={act.isPending}
          onYes={() => act.mutate(api.drainHost)}
          onClose={() => setOpen(null)}
        >
          It takes no new run. Runs that may be moved are stopped and placed elsewhere, a few at a time and only where another host has
          room; the others stay until they end.
        </Confirm>
      )}
      {open === 'give-up' && (
        <Confirm
          title={`Is ${metadata.name} gone?`}
          yes="It is gone"
          no="Wait for it"
          busy={act.isPending}
          onYes={() => act.mutate(api.giveUpHost)}
          onClose={() => setOpen(null)}
        >
          Runs on it that may be are placed on other hosts; all others end as lost. Should it still run, it stops their containers as soon
          as it is heard again.
        </Confirm>
      )}
    </div>
  );
}

const cordonHost: HostCall = (workspace, id) => api.updateHost(workspace, id, { spec: { cordoned: true } });
const uncordonHost: HostCall = (workspace, id) => api.updateHost(workspace, id, { spec: { cordoned: false } });

/** Null: its agent can be asked for one. */
function reasonAgainstNewKey({ status }: Host): string | null {
  if (status.key.revokedAt) return 'Its key is revoked: enrol the machine anew.';
  if (status.agent.protocol !== null && status.agent.protocol < KEYS_SINCE) return 'Its agent is too old for this: update it.';
  return status.state === 'ready' ? null : 'It is not ready: its agent has to be asked.';
}
