'use client';
import type { Volume } from '@berth/shared/model/volume';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useOrigin } from '../../lib/use-origin.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Code } from '../../ui/copy.tsx';
import { Empty } from '../../ui/empty.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { CreateVolume } from './create-volume.tsx';
import { RestoreVolume } from './restore-volume.tsx';
import { VolumeRow } from './volume-row.tsx';

/** Sizes and phases of users change without an event of the volume. */
const READ_AGAIN_MS = 10_000;

export function VolumesPage() {
  const workspace = useWorkspace();
  const cache = useQueryClient();
  const origin = useOrigin();
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<Volume | null>(null);
  const [restoring, setRestoring] = useState<Volume | null>(null);
  const volumes = useQuery({
    queryKey: queryKeys.volumes(workspace),
    queryFn: ({ signal }) => api.listVolumes(workspace, signal),
    refetchInterval: READ_AGAIN_MS,
  });
  const remove = useMutation({
    mutationFn: (id: string) => api.deleteVolume(workspace, id),
    onSuccess: () => {
      setDeleting(null);
      return cache.invalidateQueries({ queryKey: queryKeys.volumes(workspace) });
    },
  });
  const create = (
    <Button kind="primary" onClick={() => setCreating(true)}>
      <Plus size={14} aria-hidden="true" />
      Create a volume
    </Button>
  );
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Volumes" actions={create}>
        Data that outlives its runs. Each lies on one host, and runs that have it are placed there.
      </PageHead>
      {volumes.isPending && <Skeleton label="Reading the volumes" rows={3} />}
      {volumes.isError && (
        <div className="px-4 md:px-6">
          <Failure>{volumes.error.message}</Failure>
        </div>
      )}
      {volumes.data?.items.length === 0 && (
        <Empty sentence="No volume yet: a run that names one makes it, or create it here." action={create}>
          <Code label="the curl line" text={curlLine(origin, workspace)} />
        </Empty>
      )}
      <ul aria-label="Volumes" className="mx-4 pb-6 md:mx-6">
        {volumes.data?.items.map((volume) => (
          <VolumeRow
            key={volume.metadata.id}
            volume={volume}
            workspace={workspace}
            onRestore={() => setRestoring(volume)}
            onDelete={() => {
              remove.reset();
              setDeleting(volume);
            }}
          />
        ))}
      </ul>
      {creating && <CreateVolume workspace={workspace} onClose={() => setCreating(false)} />}
      {restoring && <RestoreVolume workspace={workspace} volume={restoring} onClose={() => setRestoring(null)} />}
      {deleting && (
        <Confirm
          title={`Delete ${deleting.metadata.name} with its data?`}
          yes="Delete"
          no="Keep it"
          busy={remove.isPending}
          error={remove.error?.message}
          onYes={() => remove.mutate(deleting.metadata.id)}
          onClose={() => setDeleting(null)}
        >
          {deleting.status.hostName === null
            ? 'Nothing is in it yet.'
            : `All that is in it is removed from ${deleting.status.hostName}, now or when that host is back. This cannot be undone.`}
        </Confirm>
      )}
    </div>
  );
}

function curlLine(origin: string, workspace: string): string {
  return [
    `curl -X POST ${origin}/v1/workspaces/${workspace}/volumes`,
    '-H "Authorization: Bearer $BERTH_TOKEN"',
    "-H 'Content-Type: application/json'",
    `-d '{"metadata":{"name":"data"}}'`,
  ].join(' \\\n  ');
}
