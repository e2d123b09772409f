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
import { type RunImage, runImageSchema } from '@berth/shared/http/run-image';
import { type Run, runSchema } from '@berth/shared/model/run';
import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { CallContainerCommand } from '../commands/call-container.ts';
import { LookAtImageCommand } from '../commands/look-at-image.ts';
import { SteerRunCommand } from '../commands/steer-run.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch } from './if-match.decorator.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs/:id')
export class RunContainerController {
  constructor(
    private readonly container: CallContainerCommand,
    private readonly steering: SteerRunCommand,
    private readonly images: LookAtImageCommand,
  ) {}

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
    summary: "What was asked of a container beside what its engine has, and the engine's own JSON",
    answer: engineViewSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  inspect(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<EngineView> {
    return this.container.inspect(workspace.id, id);
  }

  @Get('image')
  @Documented({
    id: 'getRunImage',
    summary: 'Whether there is a newer image than the one of the run: its tag moved, a higher version, or pulled and not running',
    answer: runImageSchema,
    problems: ['not-found', 'conflict'],
  })
  image(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<RunImage> {
    return this.images.execute(workspace.id, id);
  }

  @Post('pause')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'pauseRun',
    summary: 'Hold the processes of a running container still',
    answer: runSchema,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  pause(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
  ): Promise<Run> {
    return this.steering.pause({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch, claim }, 'pause');
  }

  @Post('resume')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'resumeRun',
    summary: 'Let a paused container go on',
    answer: runSchema,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  resume(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
  ): Promise<Run> {
    return this.steering.pause({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch, claim }, 'run');
  }

  @Post('restart')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'restartRun',
    summary: 'Stop a running container and start it again, or start one at once that waits for its restart',
    answer: runSchema,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  restart(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
  ): Promise<Run> {
    return this.steering.restart({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch, claim });
  }
}
