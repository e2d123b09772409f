'use client';
import type { Run } from '@berth/shared/model/run';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, errorsOf, ProblemError } from '../../lib/api.ts';
import { labelsToText } from '../../lib/label-text.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { MetadataDialog } from '../../ui/metadata-dialog.tsx';
import { newerRun } from './runs-cache.ts';

/** Name and labels of a run. A change that somebody else has made meanwhile is not written over. */
export function EditMetadata({ run, workspace, onClose }: { run: Run; workspace: string; onClose: () => void }) {
  const cache = useQueryClient();
  const [seen] = useState(run.metadata);
  const save = useMutation({
    // The version changes with every report of the host too: only another name or other labels are a conflict.
    mutationFn: async (metadata: { name: string; labels: Record<string, string> }) => {
      const { name, labels } = run.metadata;
      if (name !== seen.name || labelsToText(labels) !== labelsToText(seen.labels)) {
        throw new ProblemError(412, { detail: 'Somebody has changed its name or labels meanwhile. Close this and look again.' });
      }
      return api.updateRun(workspace, run.metadata.id, { metadata }, run.metadata.resourceVersion);
    },
    retry: (count, error) => error instanceof ProblemError && error.problem.code === 'precondition-failed' && count < 5,
    onSuccess: (updated) => {
      cache.setQueryData<Run>(queryKeys.run(workspace, run.metadata.id), (known) => newerRun(known, updated));
      void cache.invalidateQueries({ queryKey: queryKeys.runEvents(workspace, run.metadata.id) });
      onClose();
    },
  });
  return <MetadataDialog now={seen} busy={save.isPending} error={errorsOf(save.error)} onSave={save.mutate} onClose={onClose} />;
}
