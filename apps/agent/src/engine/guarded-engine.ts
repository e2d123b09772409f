/** The engine behind the host's policy: nothing is pulled or created past it, whatever the api has sent (law L8). */
import { realpath } from 'node:fs/promises';
import type { Failure, Outcome } from '@berth/shared/errors/outcome';
import { policyDemandOf, policyRefusals, policyWords } from '@berth/shared/model/host-policy';
import { parseImageReference } from '@berth/shared/model/image-reference';
import { plainPath } from '@berth/shared/model/plain-path';
import type { Pull } from '@berth/shared/model/pull';
import type Docker from 'dockerode';
import type { ObservedContainer } from '../planner/model.ts';
import type { PolicyFile } from '../policy/policy-file.ts';
import type { CreateRequest, Credentials } from './container-engine.ts';
import { DockerEngine } from './docker-engine.ts';

const refused = (message: string): Failure => ({ kind: 'cannot-ever', reason: 'refused-by-host', message });

export class GuardedEngine extends DockerEngine {
  readonly #policy: PolicyFile;

  constructor(docker: Docker, hostId: string, policy: PolicyFile, recordBytes?: number) {
    super(docker, hostId, recordBytes);
    this.#policy = policy;
  }

  override async pullImage(
    reference: string,
    credentials: Credentials | null,
    progress: (pull: Pull) => void,
    signal: AbortSignal,
  ): Promise<Outcome<Pull>> {
    const parsed = parseImageReference(reference);
    const { policy, fault } = this.#policy.now();
    const registry = parsed.ok ? parsed.image.registry : '';
    if (policy.registries !== null && !policy.registries.includes(registry)) {
      return { ok: false, failure: refused(sentence(`images from ${registry}`, fault)) };
    }
    return super.pullImage(reference, credentials, progress, signal);
  }

  override async createContainer(request: CreateRequest): Promise<Outcome<ObservedContainer>> {
    const { spec } = request;
    const sources: string[] = [];
    for (const { source } of spec.mounts ?? []) {
      try {
        sources.push(await realpath(source));
      } catch {
        return { ok: false, failure: refused(`there is no ${plainPath(source)} on this host to be mounted`) };
      }
    }
    const demand = policyDemandOf(spec);
    const mounts = demand.mounts.map((mount, index) => ({ ...mount, source: sources[index] ?? mount.source }));
    const { policy, fault } = this.#policy.now();
    const refusals = policyRefusals(policy, { ...demand, mounts });
    if (refusals.length > 0) return { ok: false, failure: refused(sentence(policyWords(refusals), fault)) };
    // The engine is given the path that was judged: a link in it cannot be turned elsewhere in between.
    return super.createContainer({ ...request, mountSources: sources });
  }
}

const sentence = (what: string, fault: string | null): string =>
  fault === null
    ? `the policy of this host does not allow ${what}`
    : `this host allows nothing out of the ordinary, and so not ${what}: ${fault}`;
