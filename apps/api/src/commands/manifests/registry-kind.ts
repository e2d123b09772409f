/** Registry credentials in manifests. The password is compared and never shown. */

import { BerthError } from '@berth/shared/errors/problem';
import { manifestSchemas } from '@berth/shared/model/manifest';
import type { Registry } from '@berth/shared/model/registry';
import { Injectable } from '@nestjs/common';
import { RegistryRepository } from '../../persistence/registry-repository.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';
import { CreateRegistryCommand } from '../create-registry.ts';
import type { Caller, Desired, KindHandler, Reached } from './kind-handler.ts';

@Injectable()
export class RegistryKind implements KindHandler {
  constructor(
    private readonly registries: RegistryRepository,
    private readonly createRegistry: CreateRegistryCommand,
  ) {}

  async find(workspaceId: string, name: string): Promise<Present | null> {
    return this.present(workspaceId, await this.registries.named(workspaceId, name));
  }

  async get(workspaceId: string, id: string): Promise<Present | null> {
    return this.present(workspaceId, await this.registries.get(workspaceId, id));
  }

  async list(workspaceId: string, limit: number): Promise<Present[]> {
    return (await this.registries.list(workspaceId, { limit })).slice(0, limit).map(presentOf);
  }

  async check({ workspace }: Caller, { name, spec }: Desired): Promise<void> {
    const { server } = specOf(spec);
    const holder = await this.registries.nameFor(workspace.id, server);
    if (holder !== null && holder !== name)
      throw new BerthError('conflict', `The credentials "${holder}" are for "${server}" already; delete those first.`);
  }

  async create({ workspace }: Caller, { name, labels, spec }: Desired): Promise<string> {
    const { server, username, password } = specOf(spec);
    if (password === undefined) throw new BerthError('invalid-request', `Registry "${name}" needs a password.`);
    const created = await this.createRegistry.execute(workspace, { metadata: { name, labels }, spec: { server, username, password } });
    return created.metadata.id;
  }

  async update({ workspace }: Caller, { id, version }: Present, { labels, spec }: Desired): Promise<void> {
    await this.registries.update({ workspaceId: workspace.id, id, version, labels, ...specOf(spec) });
  }

  async delete({ workspace }: Caller, { id }: Present): Promise<void> {
    await this.registries.delete(workspace.id, id);
  }

  /** It is ready with its row. */
  async reached(): Promise<Reached> {
    return { state: 'yes' };
  }

  private async present(workspaceId: string, registry: Registry | null): Promise<Present | null> {
    if (!registry) return null;
    const credentials = await this.registries.credentialsFor(workspaceId, registry.spec.server);
    const present = presentOf(registry);
    return credentials ? { ...present, spec: { ...present.spec, password: credentials.password } } : present;
  }
}

const specOf = (spec: Desired['spec']) => manifestSchemas.Registry.shape.spec.parse(spec);

function presentOf({ metadata, spec }: Registry): Present {
  return { id: metadata.id, name: metadata.name, version: metadata.resourceVersion, labels: metadata.labels, spec };
}
