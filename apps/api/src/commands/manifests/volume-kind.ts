/** Volumes in manifests: made and labelled. Where its data lies stays, and no apply deletes it. */

import { BerthError } from '@berth/shared/errors/problem';
import { createVolumeSchema, type Volume } from '@berth/shared/model/volume';
import { Injectable } from '@nestjs/common';
import { VolumeRepository } from '../../persistence/volume-repository.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';
import { plain } from '../../planning/manifests/read-manifests.ts';
import { textOf } from '../../planning/manifests/three-way.ts';
import { ChangeVolumeCommand } from '../change-volume.ts';
import type { Caller, Desired, KindHandler, Reached } from './kind-handler.ts';

@Injectable()
export class VolumeKind implements KindHandler {
  constructor(
    private readonly volumes: VolumeRepository,
    private readonly changeVolume: ChangeVolumeCommand,
  ) {}

  async find(workspaceId: string, name: string): Promise<Present | null> {
    const found = await this.volumes.named(workspaceId, name);
    return found && presentOf(found);
  }

  async get(workspaceId: string, id: string): Promise<Present | null> {
    const found = await this.volumes.get(workspaceId, id);
    return found && presentOf(found);
  }

  async list(workspaceId: string, limit: number): Promise<Present[]> {
    return (await this.volumes.list(workspaceId, { limit })).slice(0, limit).map(presentOf);
  }

  async check({ workspace }: Caller, { spec }: Desired): Promise<void> {
    if (typeof spec.host === 'string') await this.volumes.refuseUnknownHost(workspace.id, spec.host);
  }

  /** Its data cannot follow. */
  async explain(_caller: Caller, present: Present | undefined, { spec }: Desired): Promise<string | undefined> {
    if (!present || textOf(present.spec) === textOf(spec)) return undefined;
    throw new BerthError('conflict', 'The data of a volume stays on its host.', {
      errors: [
        { path: 'spec.host', message: 'cannot be changed: its data stays where it is. Back it up, and restore it into another volume' },
      ],
    });
  }

  async create({ workspace, actor }: Caller, { name, labels, spec }: Desired): Promise<string> {
    return (await this.changeVolume.create(workspace.id, actor, createVolumeSchema.parse({ metadata: { name, labels }, spec }))).metadata
      .id;
  }

  async update({ workspace, actor }: Caller, { id, version }: Present, { labels }: Desired): Promise<void> {
    await this.changeVolume.update({ workspaceId: workspace.id, volumeId: id, actor, ifMatch: version }, { metadata: { labels } });
  }

  async delete({ workspace, actor }: Caller, { id }: Present): Promise<void> {
    await this.changeVolume.delete({ workspaceId: workspace.id, volumeId: id, actor });
  }

  /** It is ready with its row: its host makes it with the first run. */
  async reached(): Promise<Reached> {
    return { state: 'yes' };
  }
}

function presentOf({ metadata, spec }: Volume): Present {
  const { id, name, labels, resourceVersion: version } = metadata;
  return { id, name, version, labels, spec: plain(spec) };
}
