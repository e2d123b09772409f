/** Changes what a workspace has set; what waits for its turn is looked at again. */
import type { Settings, UpdateSettings } from '@berth/shared/http/settings';
import { Injectable } from '@nestjs/common';
import { SettingsRepository } from '../persistence/settings-repository.ts';
import { WorkQueues } from '../queues/work-queues.ts';

@Injectable()
export class UpdateSettingsCommand {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly queues: WorkQueues,
  ) {}

  async execute(workspaceId: string, change: UpdateSettings): Promise<Settings> {
    await this.settings.update(workspaceId, change);
    if (change.placement) void this.queues.wakePlacement(workspaceId);
    return this.settings.get(workspaceId);
  }
}
