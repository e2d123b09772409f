'use client';
import { isTerminal } from '@berth/shared/model/phase-table';
import type { Service } from '@berth/shared/model/service';
import { Failure } from '../../ui/failure.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Conditions } from './conditions.tsx';
import { ReplicaList } from './replica-list.tsx';
import { ServiceFacts } from './service-facts.tsx';
import { isMoving, useReplicas } from './use-service.ts';

/** Its replicas by their places, what it was asked to be, and its conditions. */
export function OverviewTab({ service, workspace }: { service: Service; workspace: string }) {
  const { metadata, status } = service;
  const replicas = useReplicas(workspace, metadata.id, isMoving(status));
  const there = replicas.data?.items.filter(({ phase }) => !isTerminal(phase)) ?? [];
  const ended = replicas.data?.items.filter(({ phase }) => isTerminal(phase)) ?? [];
  return (
    <div className="grid gap-6 py-4">
      <section aria-label="Replicas">
        {replicas.isPending && <Skeleton label="Reading the replicas" rows={3} />}
        {replicas.isError && (
          <div className="px-4 md:px-6">
            <Failure>{replicas.error.message}</Failure>
          </div>
        )}
        {replicas.isSuccess && there.length === 0 && (
          <p className="px-4 text-muted md:px-6">
            {status.desired === 0 ? 'It is scaled to 0: there is no replica.' : 'No replica is there now.'}
          </p>
        )}
        <ReplicaList label="Replicas" replicas={there} status={status} workspace={workspace} />
        {ended.length > 0 && (
          <details className="group mt-2">
            <summary className="list-none px-4 py-1.5 text-muted md:px-6">
              <span aria-hidden="true" className="mr-2 inline-block transition-transform group-open:rotate-90">
                ›
              </span>
              {ended.length === 1 ? 'One that ended is kept' : `The last ${ended.length} that ended are kept`}
            </summary>
            <ReplicaList label="Ended replicas" replicas={ended} status={status} workspace={workspace} />
          </details>
        )}
      </section>
      <div className="grid gap-6 px-4 md:px-6 xl:grid-cols-2">
        <ServiceFacts service={service} />
        <Conditions conditions={status.conditions} />
      </div>
    </div>
  );
}
