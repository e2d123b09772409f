/** Makes a volume, changes its labels, or deletes it: then its host removes the data, now or when it is back. */
import { BerthError } from '@berth/shared/errors/problem';
import type { CreateVolume, UpdateVolume, Volume } from '@berth/shared/model/volume';
import { Injectable } from '@nestjs/common';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { type VolumeChange, VolumeRepository } from '../persistence/volume-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class ChangeVolumeCommand {
  constructor(
    private readonly volumes: VolumeRepository,
    private readonly wakeups: Wakeups,
  ) {}

  async create(workspaceId: string, actor: string, body: CreateVolume, claim?: IdempotencyClaim): Promise<Volume> {
    const id = await this.volumes.insert(workspaceId, actor, body, claim);
    this.wakeups.notify(`events:${workspaceId}`);
    return this.read(workspaceId, id);
  }

  async update(change: VolumeChange, { metadata }: UpdateVolume): Promise<Volume> {
    if (await this.volumes.relabel(change, metadata.labels)) this.wakeups.notify(`events:${change.workspaceId}`);
    return this.read(change.workspaceId, change.volumeId);
  }

  async delete(change: VolumeChange): Promise<void> {
    await this.volumes.delete(change);
    this.wakeups.notify(`events:${change.workspaceId}`);
  }

  private async read(workspaceId: string, id: string): Promise<Volume> {
    const volume = await this.volumes.get(workspaceId, id);
    if (!volume) throw new BerthError('not-found', `There is no volume ${id}.`);
    return volume;
  }
}
