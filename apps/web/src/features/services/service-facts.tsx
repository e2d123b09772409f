import type { Service } from '@berth/shared/model/service';
import type { ReactNode } from 'react';
import { autoscaleInWords, fullImage, replicasInWords, updateInWords } from './service-words.ts';

/** What it was asked to be. */
export function ServiceFacts({ service: { metadata, spec, status } }: { service: Service }) {
  const { resources, ports = [], placement } = spec.template.spec;
  const limits = [resources?.cpu && `${resources.cpu} CPU`, resources?.memory && `${resources.memory} of memory`].filter(Boolean);
  return (
    <section aria-label="What was asked for">
      <h2 className="mb-1 font-medium">What was asked for</h2>
      <dl>
        <Fact term="Image">
          <span className="break-all font-mono text-sm">{fullImage(status.image.reference, status.image.digest)}</span>
        </Fact>
        <Fact term="Replicas">{spec.autoscale ? autoscaleInWords(spec.autoscale) : replicasInWords(spec.replicas ?? 1)}</Fact>
        <Fact term="Each has">{limits.length === 0 ? 'no limits' : limits.join(', ')}</Fact>
        {ports.length > 0 && (
          <Fact term="Ports">
            {ports.map(({ hostPort, containerPort, protocol }) => `${hostPort ?? 'a free one'} → ${containerPort}/${protocol}`).join(', ')}
          </Fact>
        )}
        <Fact term="A roll-out">{updateInWords(spec)}</Fact>
        <Fact term="Spread over">{spec.spreadOver ?? placement?.spreadOver?.label ?? 'hosts'}</Fact>
        <Fact term="A drain takes">{`${spec.disruption?.maxUnavailable ?? 1} at once`}</Fact>
        <Fact term="Id">
          <span className="font-mono text-sm">{metadata.id}</span>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[104px_minmax(0,1fr)] gap-x-4 border-b border-line py-1.5 last:border-0">
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}
