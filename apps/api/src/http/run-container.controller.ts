import {
  type Changes,
  changesSchema,
  type EngineView,
  type Exec,
  type ExecResult,
  engineViewSchema,
  execResultSchema,
  execSchema,
  type Processes,
  processesSchema,
} from '@berth/shared/http/container';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { CallContainerCommand } from '../commands/call-container.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs/:id')
export class RunContainerController {
  constructor(private readonly container: CallContainerCommand) {}

  /** Not repeatable by a key: what a command did is not kept, and a second time is another time. */
  @Post('exec')
  @HttpCode(200)
  @Documented({
    id: 'execInRun',
    summary: 'Run a command in the container of a run, to its end',
    answer: execResultSchema,
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request'],
  })
  exec(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @Body({ schema: execSchema }) body: Exec,
  ): Promise<ExecResult> {
    return this.container.exec(workspace.id, id, caller.actor, body);
  }

  @Get('processes')
  @Documented({
    id: 'listRunProcesses',
    summary: 'The processes of a running container, as the host sees them',
    answer: processesSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  processes(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<Processes> {
    return this.container.processes(workspace.id, id);
  }

  @Get('changes')
  @Documented({
    id: 'listRunChanges',
    summary: 'The files of a container that differ from its image',
    answer: changesSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  changes(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<Changes> {
    return this.container.changes(workspace.id, id);
  }

  @Get('inspect')
  @Documented({
    id: 'inspectRunContainer',
    summary: "The engine's own view of a container",
    answer: engineViewSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  inspect(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<EngineView> {
    return this.container.inspect(workspace.id, id);
  }
}
