'use client';
import type { Service } from '@berth/shared/model/service';
import { useRouter } from 'next/navigation';
import { paths } from '../../lib/paths.ts';
import { RowLink } from '../../ui/row-link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { ReplicaBar } from './replica-bar.tsx';
import { lookOfService } from './service-look.ts';
import { imageName, sentence, shortDigest } from './service-words.ts';

/** Shared by the head and the rows, so that columns align. On a phone a row is three lines. */
export const SERVICE_GRID =
  'grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[112px_minmax(0,1fr)_minmax(0,1.4fr)_112px_44px_44px] md:px-6 lg:grid-cols-[112px_minmax(0,0.8fr)_minmax(0,1.2fr)_112px_44px_minmax(0,1.5fr)_44px]';

export function ServiceRow({ service, workspace }: { service: Service; workspace: string }) {
  const router = useRouter();
  const { metadata, status } = service;
  const digest = shortDigest(status.image.digest);
  const message = sentence(status.message);
  return (
    <li className={`${SERVICE_GRID} relative items-center border-b border-line py-2 hover:bg-hover focus-within:bg-selected`}>
      <span className="flex max-md:order-2 max-md:justify-self-end">
        <StateBadge look={lookOfService(status)} />
      </span>
      <span className="min-w-0 truncate max-md:order-1">
        <RowLink href={paths.service(workspace, metadata.id)} open={router.push}>
          {metadata.name}
        </RowLink>
      </span>
      <span className="min-w-0 truncate text-muted max-md:order-3" title={status.image.digest ?? status.image.reference}>
        {imageName(status.image.reference)}
        {digest && <span className="font-mono text-sm"> @{digest}</span>}
      </span>
      <span className="max-md:order-4 max-md:justify-self-end">
        <ReplicaBar status={status} />
      </span>
      <span className="text-right text-muted tabular-nums max-md:sr-only" title={`Revision ${status.targetRevision}`}>
        <span className="sr-only">revision </span>
        {status.targetRevision}
      </span>
      <span className="min-w-0 truncate text-muted max-lg:order-5 max-lg:col-span-full max-md:col-span-2 md:max-lg:hidden" title={message}>
        {message}
      </span>
      <span className="text-right text-muted max-md:sr-only">
        <Age at={metadata.createdAt} />
      </span>
    </li>
  );
}
