'use client';
import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { api } from '../../lib/api.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { type ArrayValues, fromArray, NO_ARRAY } from './array-values.ts';
import { parseDockerRun } from './docker-run.ts';
import { EMPTY, fromRequest } from './form-values.ts';
import { RunForm } from './run-form.tsx';

/** `?image=`, `?line=` (a docker run line), `?from=` (a run to repeat with changes) or `?array=` (a run array to repeat) fill the form. */
export function NewRunPage() {
  const workspace = useWorkspace();
  const search = useSearchParams();
  const from = search.get('from');
  const array = search.get('array');
  const line = search.get('line');
  const image = search.get('image');
  const source = useQuery({
    queryKey: queryKeys.run(workspace, from ?? ''),
    queryFn: ({ signal }) => api.getRun(workspace, from ?? '', signal),
    enabled: from !== null,
  });
  const sourceArray = useQuery({
    queryKey: queryKeys.runArray(workspace, array ?? ''),
    queryFn: ({ signal }) => api.getRunArray(workspace, array ?? '', signal),
    enabled: array !== null,
  });
  const like = from === null ? sourceArray : source;

  const values: ArrayValues | null = useMemo(() => {
    if (from !== null) {
      if (!source.data) return null;
      const { metadata, spec } = source.data;
      return { ...fromRequest({ metadata: { name: metadata.name, labels: metadata.labels }, spec }), ...NO_ARRAY };
    }
    if (array !== null) return sourceArray.data ? fromArray(sourceArray.data) : null;
    const parsed = line === null ? null : parseDockerRun(line);
    if (parsed?.ok) return { ...fromRequest(parsed.run), ...NO_ARRAY };
    return { ...EMPTY, ...NO_ARRAY, image: image ?? '' };
  }, [from, source.data, array, sourceArray.data, line, image]);

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Run a container">{like.data && <>As {like.data.metadata.name}, with your changes.</>}</PageHead>
      {like.isError && (
        <div className="px-4 pb-4 md:px-6">
          <Failure>{like.error.message}</Failure>
        </div>
      )}
      {values ? (
        <RunForm key={`${from} ${array} ${line} ${image}`} initial={values} pasted={line ?? ''} workspace={workspace} />
      ) : (
        !like.isError && <Skeleton label="Reading the run" />
      )}
    </div>
  );
}
