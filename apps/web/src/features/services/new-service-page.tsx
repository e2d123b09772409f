'use client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearchParams } from 'next/navigation';
import { useMemo } from 'react';
import { api } from '../../lib/api.ts';
import { paths } from '../../lib/paths.ts';
import { queryKeys } from '../../lib/query-keys.ts';
import { useWorkspace } from '../../lib/workspace-context.tsx';
import { Failure } from '../../ui/failure.tsx';
import { PageHead } from '../../ui/page.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { ServiceForm } from './service-form.tsx';
import { EMPTY_SERVICE, fromService, type Known } from './service-values.ts';

/** `?from=` (a service to make another one like) fills the form. */
export function NewServicePage() {
  const workspace = useWorkspace();
  const router = useRouter();
  const cache = useQueryClient();
  const from = useSearchParams().get('from');
  const source = useQuery({
    queryKey: queryKeys.service(workspace, from ?? ''),
    queryFn: ({ signal }) => api.getService(workspace, from ?? '', signal),
    enabled: from !== null,
    // What is written here does not follow the other one.
    staleTime: Number.POSITIVE_INFINITY,
  });
  const like: Known | null = useMemo(() => {
    if (!source.data) return null;
    const { paused: _paused, ...spec } = source.data.spec;
    return { metadata: { name: source.data.metadata.name, labels: source.data.metadata.labels }, spec };
  }, [source.data]);

  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <PageHead title="New service">
        {like ? <>As {like.metadata.name}, with your changes.</> : 'You see what it does before it is created.'}
      </PageHead>
      {source.isError && (
        <div className="px-4 pb-4 md:px-6">
          <Failure>{source.error.message}</Failure>
        </div>
      )}
      {from !== null && source.isPending && <Skeleton label="Reading the service" />}
      {(from === null || like) && (
        <ServiceForm
          key={from}
          isNew
          workspace={workspace}
          initial={like ? { ...fromService(like), name: '' } : EMPTY_SERVICE}
          known={like ?? undefined}
          plan={(request) => api.planService(workspace, request)}
          apply={async (request) => {
            const { metadata } = await api.createService(workspace, request);
            void cache.invalidateQueries({ queryKey: queryKeys.services(workspace) });
            router.push(paths.service(workspace, metadata.id));
            await new Promise(() => {}); // stays busy until the service's page is there
          }}
        />
      )}
    </div>
  );
}
