'use client';
import { isUnderWay } from '@berth/shared/model/agent-update';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { Code } from '../../ui/copy.tsx';
import { notify } from '../../ui/notice.tsx';
import { lookOfHostUpdate } from '../../ui/state.ts';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Age } from '../../ui/time.tsx';
import { isBehind } from './version-skew.ts';

/** Its agent beside this Berth, where they differ or an update is under way or has failed; and what can be done. */
export function HostAgent({ host, workspace }: { host: Host; workspace: string }) {
  const cache = useQueryClient();
  const { metadata, status } = host;
  const { agent, state } = status;
  const update = useMutation({
    mutationFn: () => api.updateHostAgent(workspace, metadata.id),
    onSuccess: (updated) => {
      cache.setQueryData(queryKeys.host(workspace, metadata.id), updated);
      return cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
    },
    onError: (error) => notify(error.message, true),
  });
  const underWay = agent.update !== null && isUnderWay(agent.update.state);
  if (!isBehind(agent) && !underWay) return null;
  const reason = underWay ? 'It is in an update already.' : state === 'ready' ? null : 'It is not ready: its agent has to be asked.';
  return (
    <section aria-label="Agent" className="mx-4 mt-3 flex flex-col gap-3 rounded-lg border border-line px-4 py-3 md:mx-6">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <p>
            <span className="font-medium">Agent:</span> {agent.message}.{' '}
            {agent.fixed === null && <span className="text-muted">Its containers go on while it is updated.</span>}
          </p>
          {agent.update && agent.update.state !== 'done' && agent.update.state !== 'skipped' && (
            <p aria-live="polite" className="flex flex-wrap items-center gap-x-2">
              <StateBadge look={lookOfHostUpdate(agent.update.state)} />
              <span className="min-w-0 break-words">
                Update to version {agent.update.version}: {agent.update.message}
              </span>
              <span className="text-muted">
                <Age at={agent.update.at} suffix=" ago" />
              </span>
            </p>
          )}
        </div>
        {agent.fixed === null && (
          <Button reason={reason} busy={update.isPending} onClick={() => update.mutate()}>
            Update agent
          </Button>
        )}
      </div>
      {agent.fixed && (
        <div className="flex flex-col gap-2">
          <p>It cannot be updated from here: {agent.fixed.message}. Run this on the host instead:</p>
          <Code label="the line that updates it" text={agent.fixed.command} />
        </div>
      )}
    </section>
  );
}
