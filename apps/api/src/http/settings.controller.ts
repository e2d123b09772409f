import { type Settings, settingsSchema, type UpdateSettings, updateSettingsSchema } from '@berth/shared/http/settings';
import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { WorkspaceRef } from '../auth/principal.ts';
import { UpdateSettingsCommand } from '../commands/update-settings.ts';
import { SettingsRepository } from '../persistence/settings-repository.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Workspace } from './principal.decorators.ts';

@ApiTags('settings')
@InWorkspace()
@Controller('v1/workspaces/:workspace/settings')
export class SettingsController {
  constructor(
    private readonly settings: SettingsRepository,
    private readonly updateSettings: UpdateSettingsCommand,
  ) {}

  @Get()
  @Documented({ id: 'readSettings', summary: 'What a workspace has set', answer: settingsSchema })
  read(@Workspace() workspace: WorkspaceRef): Promise<Settings> {
    return this.settings.get(workspace.id);
  }

  @Patch()
  @Documented({
    id: 'updateSettings',
    summary:
      'How long, and how much of, its logs a workspace keeps, how its runs are placed, and whether new hosts need approval; what is not named stays',
    answer: settingsSchema,
    problems: ['invalid-request'],
  })
  update(@Workspace() workspace: WorkspaceRef, @Body({ schema: updateSettingsSchema }) body: UpdateSettings): Promise<Settings> {
    return this.updateSettings.execute(workspace.id, body);
  }
}
