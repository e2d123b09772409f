import { BerthError } from '@berth/shared/errors/problem';
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { runPullSchema } from '@berth/shared/model/pull';
import { type CreateRun, createRunSchema, type Run, runSchema, type UpdateRun, updateRunSchema } from '@berth/shared/model/run';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { CreateRunCommand } from '../commands/create-run.ts';
import { EndRunCommand } from '../commands/end-run.ts';
import { GiveUpCommand } from '../commands/give-up.ts';
import { UpdateRunCommand } from '../commands/update-run.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch, setEtag } from './if-match.decorator.ts';
import { LongResponses } from './long-responses.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { deleteRunQuery, idParamSchema, resourceEventsQuery, runPullQuery, runsQuery, waitQuery } from './queries.ts';
import { pullOf, wantsText } from './run-pull.ts';
import { RunWaiter } from './run-waiter.ts';
import { ServerSentEvents } from './server-sent-events.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs')
export class RunsController {
  constructor(
    private readonly createRun: CreateRunCommand,
    private readonly endRun: EndRunCommand,
    private readonly updateRun: UpdateRunCommand,
    private readonly giveUpCommand: GiveUpCommand,
    private readonly runs: RunRepository,
    private readonly events: EventRepository,
    private readonly waiter: RunWaiter,
    private readonly sse: ServerSentEvents,
    private readonly long: LongResponses,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createRun',
    summary: 'Run a container',
    status: 201,
    answer: runSchema,
    problems: ['invalid-request', 'host-port-taken', 'refused-by-hosts', 'idempotency-key-reused'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createRunSchema }) body: CreateRun,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run> {
    const run = await this.createRun.execute({ workspace, actor: caller.actor, body, claim });
    reply.header('location', `/v1/workspaces/${workspace.slug}/runs/${run.metadata.id}`);
    setEtag(reply, run);
    return run;
  }

  @Get()
  @Documented({
    id: 'listRuns',
    summary: 'List runs, newest first; with ?watch=true, follow their events (server-sent events)',
    answer: pageSchema(runSchema),
    problems: ['invalid-request', 'cursor-expired'],
  })
  async list(
    @Workspace() workspace: WorkspaceRef,
    @Query({ schema: runsQuery }) query: z.infer<typeof runsQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (query.watch === 'true') return this.sse.send(request, reply, workspace.id, query.after, 'Run');
    // Before the list: what changes while it is read comes again by a watch from here, and nothing is missed.
    const cursor = await this.events.head(workspace.id);
    const items = await this.runs.list(workspace.id, { ...query, past: query.cursor });
    reply.send(toPage(items, query.limit, cursor));
  }

  @Get(':id')
  @Documented({ id: 'getRun', summary: 'Read a run', answer: runSchema, problems: ['not-found'] })
  async get(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run> {
    const run = await this.runs.get(workspace.id, id);
    if (!run) throw notFound(id);
    setEtag(reply, run);
    return run;
  }

  @Get(':id/wait')
  @Documented({
    id: 'waitForRun',
    summary: 'Wait until a run has reached its end, or runs; 408 with the run as it is where it did not in time',
    answer: runSchema,
    also: { status: 408, description: 'Not yet: the run as it is', answer: runSchema },
    problems: ['not-found'],
  })
  async wait(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: waitQuery }) query: z.infer<typeof waitQuery>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { signal, release } = this.long.signalOf(reply);
    try {
      const { reached, run } = await this.waiter.wait(
        { workspaceId: workspace.id, runId: id, for: query.for, seconds: query.timeout },
        signal,
      );
      setEtag(reply, run);
      reply.code(reached ? 200 : 408).send(run);
    } finally {
      release();
    }
  }

  @Get(':id/events')
  @Documented({
    id: 'listRunEvents',
    summary: 'What happened to a run, oldest first',
    answer: eventPageSchema,
    problems: ['not-found', 'cursor-expired'],
  })
  async listEvents(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: resourceEventsQuery }) query: z.infer<typeof resourceEventsQuery>,
  ) {
    if ((await this.runs.phaseOf(workspace.id, id)) === null) throw notFound(id);
    const { events, cursor, pending } = await this.events.readOf(workspace.id, id, query.after ?? null, query.limit);
    return { items: events, cursor, pending };
  }

  @Get(':id/pull')
  @Documented({
    id: 'readRunPull',
    summary: 'The pull of its image, layer by layer; as the lines that docker run prints by "Accept: text/plain"',
    answer: runPullSchema,
    problems: ['not-found'],
  })
  async pull(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: runPullQuery }) query: z.infer<typeof runPullQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.runs.get(workspace.id, id);
    if (!run) throw notFound(id);
    const read = pullOf(run, query.attempt);
    reply.header('vary', 'accept');
    if (!wantsText(request.headers.accept)) reply.send(read);
    else reply.type('text/plain; charset=utf-8').send(read.lines.map((line) => `${line}\n`).join(''));
  }

  @Patch(':id')
  @Conditional()
  @Documented({
    id: 'updateRun',
    summary: 'Rename a run or change its labels',
    answer: runSchema,
    problems: ['invalid-request', 'not-found', 'precondition-failed'],
  })
  async update(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
    @Body({ schema: updateRunSchema }) body: UpdateRun,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run> {
    const run = await this.updateRun.execute({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch }, body);
    setEtag(reply, run);
    return run;
  }

  @Post(':id/stop')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'stopRun',
    summary: 'Stop a run: its stop signal, its grace period, then a kill',
    answer: runSchema,
    problems: ['not-found', 'precondition-failed'],
  })
  stop(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
  ): Promise<Run> {
    return this.endRun.stop({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch, claim }, 'stop');
  }

  @Post(':id/kill')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({ id: 'killRun', summary: 'Kill a run at once', answer: runSchema, problems: ['not-found', 'precondition-failed'] })
  kill(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
  ): Promise<Run> {
    return this.endRun.stop({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch, claim }, 'kill');
  }

  @Post(':id/give-up')
  @HttpCode(200)
  @Repeatable()
  @Documented({
    id: 'giveUpRun',
    summary: 'Say that the host that a run waits for is gone: the run is placed again where its spec says "replace", else it ends as lost',
    answer: runSchema,
    problems: ['not-found', 'conflict'],
  })
  giveUp(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
  ): Promise<Run> {
    return this.giveUpCommand.run({ workspaceId: workspace.id, runId, actor: caller.actor, claim });
  }

  @Delete(':id')
  @HttpCode(204)
  @Conditional()
  @Documented({
    id: 'deleteRun',
    summary: 'Delete a run with its log and its container',
    status: 204,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  async delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) runId: string,
    @Query({ schema: deleteRunQuery }) query: z.infer<typeof deleteRunQuery>,
  ): Promise<void> {
    await this.endRun.delete({ workspaceId: workspace.id, runId, actor: caller.actor, ifMatch }, query.force);
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no run ${id}.`);
