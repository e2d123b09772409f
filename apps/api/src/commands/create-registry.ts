/** Stores credentials for a registry; pulls of the workspace from there use them from now on. */
import { BerthError } from '@berth/shared/errors/problem';
import { newId } from '@berth/shared/model/ids';
import { type CreateRegistry, canonicalServer, type Registry } from '@berth/shared/model/registry';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RegistryRepository } from '../persistence/registry-repository.ts';

@Injectable()
export class CreateRegistryCommand {
  constructor(private readonly registries: RegistryRepository) {}

  async execute(workspace: WorkspaceRef, { metadata, spec }: CreateRegistry, claim?: IdempotencyClaim): Promise<Registry> {
    const id = newId('registry');
    const name = metadata?.name ?? canonicalServer(spec.server).replace(':', '-').slice(0, 63);
    const earlier = await this.registries.insert({ id, workspaceId: workspace.id, name, labels: metadata?.labels ?? {}, ...spec }, claim);
    const registry = await this.registries.get(workspace.id, earlier?.resourceId ?? id);
    if (!registry) throw new BerthError('not-found', 'The registry that this Idempotency-Key made was deleted.');
    return registry;
  }
}
