'use client';
import { nameOfActor } from '@berth/shared/model/actor';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Ban, Check, MoreHorizontal, Pencil } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { useKeys } from '../../lib/keys.ts';
import { labelText } from '../../lib/label-text.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { notify } from '../../ui/notice.tsx';
import { CORDONED, lookOfHost, lookOfMark, WAITS_FOR_APPROVAL } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { EditHost } from './edit-host.tsx';
import { RemoveHost } from './remove-host.tsx';
import { RevokeKey } from './revoke-key.tsx';

/** The version of the agent protocol whose agents make another key. */
const KEYS_SINCE = 4;

/** Its name, its state and why, its labels, and what can be done to it. */
export function HostHead({ host, workspace }: { host: Host; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const [open, setOpen] = useState<'edit' | 'remove' | 'revoke' | null>(null);
  const { metadata, status, spec } = host;
  const cordon = useMutation({
    mutationFn: (cordoned: boolean) => api.updateHost(workspace, metadata.id, { spec: { cordoned } }),
    onSuccess: (updated) => {
      cache.setQueryData(queryKeys.host(workspace, metadata.id), updated);
      return cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
    },
    onError: (error) => notify(error.message, true),
  });
  const approve = useMutation({
    mutationFn: () => api.approveHost(workspace, metadata.id),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) }),
    onError: (error) => notify(error.message, true),
  });
  const rotate = useMutation({
    mutationFn: () => api.rotateHostKey(workspace, metadata.id),
    onSuccess: () => notify(`${metadata.name} has another key.`),
    onError: (error) => notify(error.message, true),
  });
  const toggle = () => cordon.isPending || cordon.mutate(!spec.cordoned);
  const word = spec.cordoned ? 'Uncordon' : 'Cordon';
  useKeys([{ keys: 'c', label: `${word} the host`, run: toggle }]);

  return (
    <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-all text-xl font-semibold tracking-tight">{metadata.name}</h1>
          <span role="status" className="contents">
            <StateBadge look={lookOfHost(status.state)} large />
            {!status.approved && <StateBadge look={WAITS_FOR_APPROVAL} large />}
            {status.cordon && <StateBadge look={CORDONED} large />}
            {status.drain && <StateBadge look={lookOfMark(status.drain.drainedAt === null ? 'draining' : 'drained')} large />}
          </span>
          <Button small kind="quiet" aria-label="Name and labels" onClick={() => setOpen('edit')}>
            <Pencil size={13} aria-hidden="true" />
          </Button>
          {Object.entries(metadata.labels).map(([key, value]) => (
            <span key={key} className="max-w-60 truncate rounded-full border border-line px-2 text-sm text-muted">
              {labelText(key, value)}
            </span>
          ))}
        </div>
        <p className="text-muted">
          <Situation host={host} />
        </p>
      </div>
      <div className="flex items-center gap-2">
        {!status.approved && (
          <>
            <Button kind="primary" onClick={() => approve.mutate()} busy={approve.isPending}>
              <Check size={13} aria-hidden="true" />
              Approve
            </Button>
            <Button onClick={() => setOpen('remove')}>Reject…</Button>
          </>
        )}
        <Button onClick={toggle} keys="c" busy={cordon.isPending}>
          <Ban size={13} aria-hidden="true" />
          {word}
        </Button>
        <Menu
          label="More actions"
          buttonClassName={clsx(buttonClass('plain'), '!px-2')}
          trigger={<MoreHorizontal size={15} aria-hidden="true" />}
          items={[
            { label: 'Rename, change labels…', onSelect: () => setOpen('edit') },
            { label: 'Replace its key', reason: reasonAgainstNewKey(host), onSelect: () => rotate.mutate() },
            {
              label: 'Revoke its key…',
              reason: status.key.revokedAt ? 'It is revoked already.' : null,
              onSelect: () => setOpen('revoke'),
              danger: true,
            },
            { label: 'Remove…', onSelect: () => setOpen('remove'), danger: true },
          ]}
        />
      </div>
      {open === 'edit' && <EditHost host={host} workspace={workspace} onClose={() => setOpen(null)} />}
      {open === 'revoke' && <RevokeKey host={host} workspace={workspace} onClose={() => setOpen(null)} />}
      {open === 'remove' && (
        <RemoveHost host={host} workspace={workspace} onRemoved={() => router.push(paths.hosts(workspace))} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}

/** Null: its agent can be asked for one. */
function reasonAgainstNewKey({ status }: Host): string | null {
  if (status.key.revokedAt) return 'Its key is revoked: enrol the machine anew.';
  if (status.agent.protocol !== null && status.agent.protocol < KEYS_SINCE) return 'Its agent is too old for this: update it.';
  return status.state === 'ready' ? null : 'It is not ready: its agent has to be asked.';
}

/** Is it as it should be? If not, why, since when, and what happens next. */
function Situation({ host: { status } }: { host: Host }) {
  const { state, message, lastSeenAt, cordon, drain, approved, key } = status;
  return (
    <>
      {state !== 'ready' &&
        (key.revokedAt ? 'its key was revoked, its agent is refused: remove the host and enrol the machine anew' : message)}
      {state === 'ready' && !approved && 'New hosts need approval here: it gets no run before somebody gives it'}
      {state === 'ready' && approved && !cordon && (drain ? 'Takes no new run' : 'Takes new runs')}
      {state !== 'ready' && lastSeenAt && (
        <>
          , last seen <Age at={lastSeenAt} suffix=" ago" />
        </>
      )}
      {cordon && (
        <>
          {(state !== 'ready' || !approved) && '. '}
          {cordon.actor === '' ? 'Cordoned' : `Cordoned by ${nameOfActor(cordon.actor)}`} <Age at={cordon.since} suffix=" ago" />: it takes
          no new run, what runs here goes on
        </>
      )}
    </>
  );
}
