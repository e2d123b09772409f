/** A template as the spec and the labels of its replicas. Pure. */
import { familiarImageName, parseImageReference } from '@berth/shared/model/image-reference';
import type { Labels } from '@berth/shared/model/metadata';
import type { RunSpec } from '@berth/shared/model/run';
import type { ServiceTemplate } from '@berth/shared/model/service';
import { SERVICE_LABEL } from '@berth/shared/model/workspace-network';

interface ReplicaOf {
  serviceName: string;
  template: ServiceTemplate;
  /** Of its image; null where it is not known, or not needed. */
  digest: string | null;
  spreadOver: string | undefined;
}

/**
 * A service is there to go on: where its template does not say otherwise, a container that ends is started again, a replica whose host is
 * lost is replaced, replicas keep apart from one another, and their names resolve in the network of the workspace.
 */
export function replicaSpec({ serviceName, template, digest, spreadOver }: ReplicaOf): RunSpec {
  const { spec } = template;
  const mine = { [SERVICE_LABEL]: serviceName };
  const { placement } = spec;
  return {
    ...spec,
    image: pinnedImage(spec.image, digest),
    network: spec.network ?? 'workspace',
    restart: spec.restart ?? { policy: 'always' },
    onHostLost: spec.onHostLost ?? 'replace',
    placement: {
      ...placement,
      antiAffinity: [...(placement?.antiAffinity ?? []), { runs: mine }],
      ...(spreadOver !== undefined && placement?.spreadOver === undefined && { spreadOver: { label: spreadOver, runs: mine } }),
    },
  };
}

export const replicaLabels = (serviceName: string, template: ServiceTemplate): Labels => ({
  ...template.labels,
  [SERVICE_LABEL]: serviceName,
});

/** "web-3" */
export const replicaName = (serviceName: string, slot: number): string => `${serviceName}-${slot}`;

/** "nginx:1.29@sha256:…": the tag is said, the digest is what counts. */
function pinnedImage(reference: string, digest: string | null): string {
  const parsed = parseImageReference(reference);
  if (digest === null || !parsed.ok || parsed.image.digest !== undefined) return reference;
  return `${familiarImageName(parsed.image)}@${digest}`;
}

/** The digest within what an engine says of an image: "nginx@sha256:…". */
export const digestIn = (text: string | null): string | null => /sha256:[a-f0-9]{64}/.exec(text ?? '')?.[0] ?? null;

/** It names one image for ever by itself. */
export function isExact(reference: string): boolean {
  const parsed = parseImageReference(reference);
  return parsed.ok && parsed.image.digest !== undefined;
}
