'use client';
import type { Settings } from '@berth/shared/http/settings';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Failure } from '../../ui/failure.tsx';

/** Saved as it is ticked. */
export function HostSettings({ workspace, hosts }: { workspace: string; hosts: Settings['hosts'] }) {
  const cache = useQueryClient();
  const save = useMutation({
    mutationFn: (needApproval: boolean) => api.updateSettings(workspace, { hosts: { needApproval } }),
    onSuccess: (now) => cache.setQueryData(queryKeys.settings(workspace), now),
  });
  return (
    <section aria-labelledby="host-settings" className="mx-4 flex max-w-md flex-col gap-4 md:mx-6">
      <h2 id="host-settings" className="text-lg font-semibold">
        Hosts
      </h2>
      {save.error && <Failure>{save.error.message}</Failure>}
      <label className="flex items-start gap-2">
        <input
          type="checkbox"
          checked={save.isPending ? save.variables : hosts.needApproval}
          onChange={(event) => save.mutate(event.target.checked)}
          className="mt-0.5 size-4 shrink-0 accent-accent-fill"
        />
        <span>
          New hosts need approval
          <span className="block text-sm text-muted">
            Whoever has a join token can add a host; it gets no run before somebody approves it on its page. Those that are here stay as
            they are.
          </span>
        </span>
      </label>
    </section>
  );
}
