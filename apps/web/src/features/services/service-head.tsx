'use client';
import type { Service } from '@berth/shared/model/service';
import { clsx } from 'clsx';
import { ChevronsUp, MoreHorizontal, Pause, Play, Scaling } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useKeys } from '../../lib/keys.ts';
import { labelText } from '../../lib/label-text.ts';
import { paths } from '../../lib/paths.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Menu } from '../../ui/menu.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { DeleteService } from './delete-service.tsx';
import { RenewDialog } from './renew-dialog.tsx';
import { reasonAgainstRenewal } from './renewal.ts';
import { ReplicaBar } from './replica-bar.tsx';
import { RollBackDialog } from './roll-back-dialog.tsx';
import { ScaleDialog } from './scale-dialog.tsx';
import { lastGoodOf, reasonAgainst } from './service-actions.ts';
import { lookOfService } from './service-look.ts';
import { fullImage, imageName, shortDigest } from './service-words.ts';
import { useRevisions } from './use-service.ts';
import { useServiceActions } from './use-service-actions.ts';

/** Its name, its state, what it runs, and what can be done. */
export function ServiceHead({ service, workspace }: { service: Service; workspace: string }) {
  const router = useRouter();
  const { steer, remove } = useServiceActions(workspace, service);
  const [open, setOpen] = useState<'scale' | 'roll-back' | 'renew' | 'delete' | null>(null);
  const revisions = useRevisions(workspace, service.metadata.id);
  const lastGood = lastGoodOf(service, revisions.data?.items);
  const { metadata, spec, status } = service;
  const digest = shortDigest(status.image.digest);
  const scale = () => {
    if (reasonAgainst('scale', service) === null) setOpen('scale');
  };
  useKeys([{ keys: 's', label: 'Scale the service', run: scale }]);
  const does = (action: 'promote' | 'pause') => steer.isPending && steer.variables.action === action;

  return (
    <header className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 break-all text-xl font-semibold tracking-tight">{metadata.name}</h1>
          <span role="status" className="contents">
            <StateBadge look={lookOfService(status)} large />
          </span>
          <ReplicaBar status={status} />
          {Object.entries(metadata.labels).map(([key, value]) => (
            <span key={key} className="max-w-60 truncate rounded-full border border-line px-2 text-sm text-muted">
              {labelText(key, value)}
            </span>
          ))}
        </div>
        <p className="flex flex-wrap gap-x-2 text-muted">
          <span className="min-w-0 break-all" title={fullImage(status.image.reference, status.image.digest)}>
            {imageName(status.image.reference)}
            {digest && <span className="font-mono text-sm"> @{digest}</span>}
          </span>
          <span aria-hidden="true">·</span>
          <span>
            revision {status.targetRevision}
            {status.revision !== status.targetRevision && `, ${status.revision} is asked for`}
          </span>
          {spec.paused && (
            <>
              <span aria-hidden="true">·</span>
              <span>roll-outs are paused</span>
            </>
          )}
          <span aria-hidden="true">·</span>
          <span>
            created <Age at={metadata.createdAt} suffix=" ago" />
          </span>
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <Button onClick={scale} reason={reasonAgainst('scale', service)} keys="s">
          <Scaling size={13} aria-hidden="true" />
          Scale…
        </Button>
        <Button
          kind={status.rollout === 'canary' ? 'primary' : 'plain'}
          onClick={() => steer.mutate({ action: 'promote' })}
          reason={reasonAgainst('promote', service)}
          busy={does('promote')}
        >
          <ChevronsUp size={13} aria-hidden="true" />
          Promote
        </Button>
        <Button onClick={() => steer.mutate({ action: 'pause', paused: spec.paused !== true })} busy={does('pause')}>
          {spec.paused ? <Play size={12} aria-hidden="true" /> : <Pause size={12} aria-hidden="true" />}
          {spec.paused ? 'Resume roll-outs' : 'Pause roll-outs'}
        </Button>
        <Menu
          label="More actions"
          buttonClassName={clsx(buttonClass('plain'), '!px-2')}
          trigger={<MoreHorizontal size={15} aria-hidden="true" />}
          items={[
            {
              label: lastGood ? `Roll back to revision ${lastGood.number}…` : 'Roll back…',
              reason: lastGood ? null : 'It has no other revision whose replicas were all available.',
              onSelect: () => setOpen('roll-back'),
            },
            { label: 'Retry the roll-out', reason: reasonAgainst('retry', service), onSelect: () => steer.mutate({ action: 'retry' }) },
            {
              label: 'Use new versions of its secrets…',
              reason: reasonAgainstRenewal(spec.template),
              onSelect: () => setOpen('renew'),
            },
            { label: 'Another one like it…', onSelect: () => router.push(paths.newService(workspace, { from: metadata.id })) },
            { label: 'Delete…', onSelect: () => setOpen('delete'), danger: true },
          ]}
        />
      </div>
      {open === 'scale' && <ScaleDialog service={service} steer={steer} onClose={() => setOpen(null)} />}
      {open === 'roll-back' && lastGood && (
        <RollBackDialog service={service} workspace={workspace} revision={lastGood} onClose={() => setOpen(null)} />
      )}
      {open === 'renew' && (
        <RenewDialog
          service={service}
          workspace={workspace}
          present={revisions.data?.items.find(({ number }) => number === status.revision)}
          onClose={() => setOpen(null)}
        />
      )}
      {open === 'delete' && <DeleteService service={service} remove={remove} onClose={() => setOpen(null)} />}
    </header>
  );
}
