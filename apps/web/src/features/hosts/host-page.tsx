'use client';
import type { Host } from '@berth/shared/model/host';
import { formatBytes, formatCpu } from '@berth/shared/model/quantity-text';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { api, ProblemError } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { lookOfHost } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { HostFate } from './host-fate.tsx';
import { Allocation } from './host-tile.tsx';

/** `children`: what runs on it, which is another feature's matter. */
export function HostPage({ id, children }: { id: string; children: React.ReactNode }) {
  const workspace = useWorkspace();
  const query = useQuery({ queryKey: queryKeys.host(workspace, id), queryFn: ({ signal }) => api.getHost(workspace, id, signal) });

  if (query.error instanceof ProblemError && query.error.status === 404) {
    return (
      <Empty
        sentence="There is no such host here, or it was removed."
        action={
          <Link href={paths.hosts(workspace)} className={buttonClass()}>
            To the hosts
          </Link>
        }
      />
    );
  }
  if (query.isError) {
    return (
      <div className="p-6">
        <Failure action={<Button onClick={() => void query.refetch()}>Try again</Button>}>{query.error.message}</Failure>
      </div>
    );
  }
  const host = query.data;
  if (!host) return <Skeleton label="Reading the host" />;
  return (
    <>
      <header className="grid gap-4 border-b border-line px-4 py-4 md:grid-cols-[minmax(0,1fr)_280px] md:px-6">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3">
            <h1 className="text-xl font-semibold tracking-tight">{host.metadata.name}</h1>
            <span role="status" className="contents">
              <StateBadge look={lookOfHost(host.status.state)} large />
            </span>
          </div>
          <p className="mb-3 text-muted">
            {host.status.state === 'ready' ? (host.status.drain ? 'Takes no new run' : 'Takes new runs') : host.status.message}
            {host.status.state !== 'ready' && host.status.lastSeenAt && (
              <>
                , last seen <Age at={host.status.lastSeenAt} suffix=" ago" />
              </>
            )}
          </p>
          <Facts host={host} />
        </div>
        <Allocation host={host} />
      </header>
      <HostFate host={host} workspace={workspace} />
      <h2 className="px-4 py-2 font-medium md:px-6">Runs on this host</h2>
      {children}
    </>
  );
}

function Facts({ host }: { host: Host }) {
  const { facts } = host.status;
  if (!facts) return null;
  const rows: [string, string][] = [
    ['Platform', `${facts.platform}, ${facts.kernel}`],
    ['Engine', facts.engine ? `${facts.engine.name} ${facts.engine.version} (API ${facts.engine.apiVersion})` : 'none answers'],
    ['Machine', `${facts.hostname}, ${formatCpu(facts.cpuMillis)} cores, ${formatBytes(facts.memoryBytes)}`],
    ['Agent', facts.agentVersion],
  ];
  return (
    <dl className="grid grid-cols-[80px_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-sm">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
