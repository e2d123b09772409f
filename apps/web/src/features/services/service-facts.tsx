import type { Condition, Route, Service } from '@berth/shared/model/service';
import type { ReactNode } from 'react';
import { addressOf } from './route-values.ts';
import { autoscaleInWords, fullImage, replicasInWords, sentence, updateInWords } from './service-words.ts';

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
        {spec.routes && spec.routes.length > 0 && (
          <Fact term="Domains">
            <Domains routes={spec.routes} conditions={status.conditions} />
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

/** Where each leads to; and why none leads anywhere now, where that is so. */
function Domains({ routes, conditions }: { routes: readonly Route[]; conditions: readonly Condition[] }) {
  const routed = conditions.find(({ type }) => type === 'Routed');
  return (
    <>
      <ul>
        {routes.map((route) => {
          const name = `${route.domain}${route.path ?? ''}`;
          const address = addressOf(route);
          return (
            <li key={name} className="break-all">
              {address === null ? (
                name
              ) : (
                <a href={address} target="_blank" rel="noreferrer" className="text-accent underline">
                  {name}
                </a>
              )}
              <span className="text-muted"> → {route.port}</span>
            </li>
          );
        })}
      </ul>
      {routed && routed.status !== 'True' && <p className="text-state-amber">{sentence(routed.message)}</p>}
    </>
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
