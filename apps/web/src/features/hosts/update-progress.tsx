'use client';
import { nameOfActor } from '@berth/shared/model/actor';
import type { AgentUpdate } from '@berth/shared/model/agent-update';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { notify } from '../../ui/notice.tsx';
import { lookOfHostUpdate } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { Meter } from './meter.tsx';

/** How far an update of agents is, host by host, and what can be said to it. */
export function UpdateProgress({ update, workspace }: { update: AgentUpdate; workspace: string }) {
  const cache = useQueryClient();
  const { metadata, status } = update;
  const { counts, state, hosts } = status;
  const steer = useMutation({
    mutationFn: (how: 'pause' | 'resume' | 'cancel') => api.steerAgentUpdate(workspace, metadata.id, how),
    onSuccess: () => cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) }),
    onError: (error) => notify(error.message, true),
  });
  const does = (how: 'pause' | 'resume' | 'cancel') => ({
    busy: steer.isPending && steer.variables === how,
    onClick: () => steer.mutate(how),
  });
  const over = counts.total - counts.underWay;
  return (
    <section aria-label="Update of agents" className="flex flex-col gap-3 rounded-lg border border-line px-4 py-3">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <p aria-live="polite">
            <span className="font-medium">Update of agents to version {status.version}:</span> {status.message}.
          </p>
          <p className="text-sm text-muted">
            Asked for by {nameOfActor(status.actor)} <Age at={metadata.createdAt} suffix=" ago" />
          </p>
        </div>
        {state !== 'cancelled' && (
          <div className="flex gap-2">
            {state === 'paused' ? (
              <Button small kind="primary" {...does('resume')}>
                Go on
              </Button>
            ) : (
              <Button small {...does('pause')}>
                Pause
              </Button>
            )}
            <Button small {...does('cancel')}>
              Cancel
            </Button>
          </div>
        )}
      </div>
      <div className="max-w-md">
        <Meter label="Hosts" reserved={over} used={null} total={counts.total} words={`${over} of ${counts.total} are over`} calm />
      </div>
      <ul aria-label="Hosts in the update" className="grid max-h-64 gap-1 overflow-y-auto">
        {hosts.map((host) => (
          <li
            key={host.hostId}
            className="grid grid-cols-[70px_minmax(0,1fr)] gap-x-3 max-md:*:nth-[n+3]:col-start-2 md:grid-cols-[90px_110px_160px_minmax(0,1fr)]"
          >
            <span className="text-muted">{host.stage === 0 ? 'Left out' : `Stage ${host.stage}`}</span>
            <StateBadge look={lookOfHostUpdate(host.state)} />
            <Link href={paths.host(workspace, host.hostId)} className="min-w-0 truncate font-medium underline-offset-2 hover:underline">
              {host.hostName}
            </Link>
            <span className="min-w-0 break-words text-muted">{host.message}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
