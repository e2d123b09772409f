import { type RunPlacement, runPlacementQuerySchema, runPlacementSchema } from '@berth/shared/http/run-placement';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { WorkspaceRef } from '../auth/principal.ts';
import { ExplainRunPlacementCommand } from '../commands/explain-run-placement.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs')
export class RunPlacementController {
  constructor(private readonly explain: ExplainRunPlacementCommand) {}

  @Get(':id/placement')
  @Documented({
    id: 'readRunPlacement',
    summary: 'Why a run is on its host; of one that waits, what would make it placeable and what every host says to it now',
    answer: runPlacementSchema,
    problems: ['invalid-request', 'not-found'],
  })
  read(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: runPlacementQuerySchema }) query: z.infer<typeof runPlacementQuerySchema>,
  ): Promise<RunPlacement> {
    return this.explain.execute(workspace.id, id, query);
  }
}
