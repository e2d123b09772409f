'use client';
import type { HostCell } from '@berth/shared/model/host-map';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { UpdateAgents } from './update-agents.tsx';
import { UpdateProgress } from './update-progress.tsx';
import { isBehind, skewInWords } from './version-skew.ts';

/** How the agents of the hosts go together with this Berth, and the updates of them that are under way. */
export function AgentVersions({ workspace, cells }: { workspace: string; cells: readonly HostCell[] }) {
  const [open, setOpen] = useState(false);
  const updates = useQuery({
    queryKey: queryKeys.agentUpdates(workspace),
    queryFn: ({ signal }) => api.listAgentUpdates(workspace, signal),
  });
  const unfinished = updates.data?.items.filter(({ status }) => status.finishedAt === null) ?? [];
  const agents = cells.map(({ skew, agentVersion }) => ({ skew, version: agentVersion }));
  const behind = agents.some(isBehind);
  if (!behind && unfinished.length === 0) return null;
  return (
    <div className="flex flex-col gap-3 px-4 pb-4 md:px-6">
      {unfinished.map((update) => (
        <UpdateProgress key={update.metadata.id} update={update} workspace={workspace} />
      ))}
      {behind && (
        <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 rounded-lg border border-line px-4 py-2.5">
          <p className="min-w-0">{skewInWords(agents)}.</p>
          <Button onClick={() => setOpen(true)}>Update agents…</Button>
        </div>
      )}
      {open && <UpdateAgents workspace={workspace} onClose={() => setOpen(false)} />}
    </div>
  );
}
