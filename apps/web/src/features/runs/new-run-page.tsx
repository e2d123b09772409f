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
import { parseDockerRun } from './docker-run.ts';
import { EMPTY, type FormValues, fromRequest } from './form-values.ts';
import { RunForm } from './run-form.tsx';

/** `?image=`, `?line=` (a docker run line) or `?from=` (a run to repeat with changes) fill the form. */
export function NewRunPage() {
  const workspace = useWorkspace();
  const search = useSearchParams();
  const from = search.get('from');
  const line = search.get('line');
  const image = search.get('image');
  const source = useQuery({
    queryKey: queryKeys.run(workspace, from ?? ''),
    queryFn: ({ signal }) => api.getRun(workspace, from ?? '', signal),
    enabled: from !== null,
  });

  const values: FormValues | null = useMemo(() => {
    if (from !== null) {
      if (!source.data) return null;
      const { metadata, spec } = source.data;
      return fromRequest({ metadata: { name: metadata.name, labels: metadata.labels }, spec });
    }
    const parsed = line === null ? null : parseDockerRun(line);
    if (parsed?.ok) return fromRequest(parsed.run);
    return { ...EMPTY, image: image ?? '' };
  }, [from, source.data, line, image]);

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="Run a container">{from !== null && source.data && <>As {source.data.metadata.name}, with your changes.</>}</PageHead>
      {source.isError && (
        <div className="px-4 pb-4 md:px-6">
          <Failure>{source.error.message}</Failure>
        </div>
      )}
      {values ? (
        <RunForm key={`${from} ${line} ${image}`} initial={values} pasted={line ?? ''} workspace={workspace} />
      ) : (
        !source.isError && <Skeleton label="Reading the run" />
      )}
    </div>
  );
}
