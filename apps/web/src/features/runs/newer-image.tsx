'use client';
import { parseImageReference } from '@berth/shared/model/image-reference';
import type { Run, RunSpec } from '@berth/shared/model/run';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { Button } from '../../ui/button.tsx';
import { notify } from '../../ui/notice.tsx';

/** The answer is the api's own record: asking costs no registry anything. */
const LOOK_EVERY_MS = 60_000;

/** Whether there is a newer image than the run has, and the run again with it. */
export function NewerImage({ run, workspace }: { run: Run; workspace: string }) {
  const router = useRouter();
  const cache = useQueryClient();
  const { id, name, labels } = run.metadata;
  const { data } = useQuery({
    queryKey: [...queryKeys.run(workspace, id), 'image', run.status.image.digest],
    queryFn: ({ signal }) => api.runImage(workspace, id, signal),
    refetchInterval: LOOK_EVERY_MS,
    retry: false,
  });
  const again = useMutation({
    mutationFn: (spec: RunSpec) => api.createRun(workspace, { metadata: { name, labels }, spec }),
    onSuccess: (created) => {
      cache.setQueryData(queryKeys.run(workspace, created.metadata.id), created);
      router.push(paths.run(workspace, created.metadata.id));
    },
    onError: (error) => notify(error.message, true),
  });
  if (!data) return null;
  if (data.state === 'current') return <span className="text-muted">up to date</span>;
  const moved = data.state === 'tag-moved' || data.state === 'pulled-not-running';
  const { newerVersion } = data;
  const newer = newerVersion === null ? null : parseImageReference(newerVersion);
  if (!moved && newerVersion === null) return null;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1 font-sans" role="status" aria-label="Newer image">
      <span className="text-state-amber">{data.message}</span>
      {moved && (
        <Button small busy={again.isPending} onClick={() => again.mutate({ ...run.spec, pullPolicy: 'always' })}>
          Run again with the newer image
        </Button>
      )}
      {newerVersion !== null && newer?.ok && (
        <Button small busy={again.isPending} onClick={() => again.mutate({ ...run.spec, image: newerVersion })}>
          Run again with {newer.image.tag}
        </Button>
      )}
    </span>
  );
}
