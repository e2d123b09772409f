'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Replica } from '@berth/shared/model/service';
import { clsx } from 'clsx';
import Link from 'next/link';
import { paths } from '../../lib/paths.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { ChangeList } from './change-list.tsx';
import { ReplicaPorts } from './replica-ports.tsx';
import { lookOfReplica } from './service-look.ts';
import { sentence } from './service-words.ts';

/** Shared by the head and the rows, so that columns align. On a phone a row is three lines. */
export const REPLICA_GRID =
  'grid grid-cols-[24px_minmax(0,1fr)_auto] gap-x-4 px-4 md:grid-cols-[40px_104px_minmax(0,1fr)_36px_minmax(0,0.8fr)_minmax(0,1.2fr)_44px] md:px-6 lg:grid-cols-[40px_104px_minmax(0,1fr)_36px_minmax(0,0.8fr)_minmax(0,1.2fr)_80px_60px_44px]';

const HEALTH_WORDS = { starting: 'not known yet', healthy: 'healthy', unhealthy: 'unhealthy' } as const;

interface ReplicaRowProps {
  replica: Replica;
  /** The revision that all are to be. */
  target: number;
  workspace: string;
}

export function ReplicaRow({ replica, target, workspace }: ReplicaRowProps) {
  const { slot, revision, runId, runName, hostId, hostName, health, restarts, ready, message, phase, ending } = replica;
  const ended = isTerminal(phase);
  return (
    <li className={clsx(REPLICA_GRID, 'items-start border-b border-line py-2', ending && !ended && 'text-muted')}>
      <span className="text-right tabular-nums">
        <span className="sr-only">Place </span>
        {slot}
      </span>
      <span className="flex max-md:order-2 max-md:justify-self-end">
        <StateBadge look={lookOfReplica(replica)} />
      </span>
      <span className="min-w-0 truncate max-md:order-1">
        <Link href={paths.run(workspace, runId)} prefetch={false} className="font-medium hover:underline">
          {runName}
        </Link>
      </span>
      <span
        className={clsx('text-right tabular-nums max-md:order-4', revision === target ? 'text-muted' : 'text-state-amber')}
        title={revision === target ? `Revision ${revision}` : `Revision ${revision}: it is replaced by one of revision ${target}`}
      >
        <span className="md:sr-only">rev. </span>
        {revision}
      </span>
      <span className="min-w-0 truncate max-md:order-3 max-md:col-start-2">
        {hostId ? (
          <Link href={paths.host(workspace, hostId)} prefetch={false} className="hover:underline">
            {hostName}
          </Link>
        ) : (
          <span className="text-muted">no host yet</span>
        )}
      </span>
      <span className="min-w-0 break-words max-md:order-5 max-md:col-span-2 max-md:col-start-2 max-md:empty:hidden">
        {!ended && <ReplicaPorts ports={replica.ports} hostId={hostId} hostName={hostName} workspace={workspace} />}
      </span>
      <span className={clsx('max-lg:hidden', health === 'unhealthy' ? 'text-state-red' : 'text-muted')}>
        {health ? HEALTH_WORDS[health] : ended ? '' : 'no check'}
      </span>
      <span className={clsx('text-right tabular-nums max-lg:hidden', restarts === 0 && 'text-muted')}>{restarts}</span>
      <span className="text-right text-muted max-md:sr-only">
        <Age at={replica.createdAt} />
      </span>
      {(!ready || restarts > 0) && message !== '' && (
        <p className="min-w-0 break-words text-sm text-muted max-md:order-6 max-md:col-span-2 max-md:col-start-2 md:col-start-3 md:col-end-[-1]">
          {sentence(message)}
          {restarts > 0 && ` Started again ${restarts === 1 ? 'once' : `${restarts} times`}.`}
        </p>
      )}
      {!ended && !ending && replica.drift.length > 0 && (
        <details className="group min-w-0 text-sm max-md:order-7 max-md:col-span-2 max-md:col-start-2 md:col-start-3 md:col-end-[-1]">
          <summary className="list-none text-state-amber">
            <span aria-hidden="true" className="mr-1.5 inline-block transition-transform group-open:rotate-90">
              ›
            </span>
            {replica.drift.length === 1 ? 'One field is' : `${replica.drift.length} fields are`} not as asked for now
          </summary>
          <div className="mt-1">
            <ChangeList
              label={`What is not as asked for in ${runName}`}
              changes={replica.drift.map(({ path, is, asked }) => ({ path, from: is, to: asked }))}
            />
          </div>
        </details>
      )}
    </li>
  );
}
