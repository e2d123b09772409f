'use client';
import type { Host } from '@berth/shared/model/host';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, errorsOf, ProblemError } from '../../lib/api.ts';
import { labelsToText } from '../../lib/label-text.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { MetadataDialog } from '../../ui/metadata-dialog.tsx';

/** Name and labels of a host. A change that somebody else has made meanwhile is not written over. */
export function EditHost({ host, workspace, onClose }: { host: Host; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const [seen] = useState(host.metadata);
  const save = useMutation({
    mutationFn: async (wanted: { name: string; labels: Record<string, string> }) => {
      // The version changes with every session of its agent too: only another name or other labels are a conflict.
      const { metadata } = await api.getHost(workspace, host.metadata.id);
      if (metadata.name !== seen.name || labelsToText(metadata.labels) !== labelsToText(seen.labels)) {
        throw new ProblemError(412, { detail: 'Somebody has changed its name or labels meanwhile. Close this and look again.' });
      }
      const body = { ...(wanted.name !== seen.name && { name: wanted.name }), labels: wanted.labels };
      return api.updateHost(workspace, host.metadata.id, { metadata: body }, metadata.resourceVersion);
    },
    retry: (count, error) => error instanceof ProblemError && error.problem.code === 'precondition-failed' && count < 5,
    onSuccess: (updated) => {
      cache.setQueryData(queryKeys.host(workspace, host.metadata.id), updated);
      void cache.invalidateQueries({ queryKey: queryKeys.hosts(workspace) });
      onClose();
    },
  });
  return <MetadataDialog now={seen} busy={save.isPending} error={errorsOf(save.error)} onSave={save.mutate} onClose={onClose} />;
}
