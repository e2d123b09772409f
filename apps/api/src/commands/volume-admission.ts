/** Which volumes a run may name: any, which are made with it, or those that are there, where its workspace wants them to be made on purpose. */
import { BerthError } from '@berth/shared/errors/problem';
import type { RunSpec } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { SettingsRepository } from '../persistence/settings-repository.ts';
import { VolumeRepository } from '../persistence/volume-repository.ts';

@Injectable()
export class VolumeAdmission {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly volumes: VolumeRepository,
  ) {}

  /** `at`: where the spec stands in the request. */
  async refuseUnknown(workspaceId: string, { volumes = [] }: RunSpec, at = 'spec'): Promise<void> {
    if (volumes.length === 0 || (await this.settings.get(workspaceId)).volumes.madeByRuns) return;
    const names = volumes.map(({ volume }) => volume);
    const missing = await this.volumes.missing(workspaceId, names);
    if (missing.length === 0) return;
    const message = 'is no volume of this workspace, in which runs do not make volumes: create it first';
    const errors = names.flatMap((name, index) => (missing.includes(name) ? { path: `${at}.volumes.${index}.volume`, message } : []));
    throw new BerthError('invalid-request', `There is no volume "${missing[0]}".`, { errors });
  }
}
