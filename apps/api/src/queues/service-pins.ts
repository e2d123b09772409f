/**
 * Which image a template names exactly: asked of its registry once a revision, so that all replicas have the same, also where its tag moves
 * meanwhile. A registry that cannot be asked from here (or that does not answer soon) is the hosts' matter: the first replica finds out.
 */
import { parseImageReference } from '@berth/shared/model/image-reference';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { ENV, type Env } from '../config/env.ts';
import { digestOfTag } from '../images/registry-client.ts';
import { RegistryRepository } from '../persistence/registry-repository.ts';
import { ServiceSteps, type UnpinnedRevision } from '../persistence/service-steps.ts';

const PATIENCE_MS = 3_000;

@Injectable()
export class ServicePins {
  private readonly log = new Logger('ServicePins');
  private readonly asking = new Set<string>();

  constructor(
    private readonly steps: ServiceSteps,
    private readonly registries: RegistryRepository,
    @Inject(ENV) private readonly env: Env,
  ) {}

  /** `done` is called once the answer, or that there is none, is stored. Asking again meanwhile asks nothing more. */
  ask(revision: UnpinnedRevision, done: () => void): void {
    const key = `${revision.serviceId} ${revision.number}`;
    if (this.asking.has(key)) return;
    this.asking.add(key);
    this.find(revision)
      .then((digest) => this.steps.pin(revision, digest))
      .then(done)
      // The next look asks again.
      .catch((error: unknown) => this.log.warn(`cannot pin ${revision.image}: ${error instanceof Error ? error.message : String(error)}`))
      .finally(() => this.asking.delete(key));
  }

  private async find({ workspaceId, image: reference }: UnpinnedRevision): Promise<string | null> {
    const parsed = parseImageReference(reference);
    if (!parsed.ok || this.env.IMAGE_CHECK_SECONDS === 0) return null;
    const { image } = parsed;
    const login = await this.registries.credentialsFor(workspaceId, image.registry);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), PATIENCE_MS);
    });
    const answer = await Promise.race([digestOfTag(image, login), late]);
    clearTimeout(timer);
    return answer?.ok ? answer.value : null;
  }
}
