import { BerthError } from '@berth/shared/errors/problem';
import { pageSchema } from '@berth/shared/http/lists';
import {
  type CreateRunArray,
  createRunArraySchema,
  listedRunArraySchema,
  type RunArray,
  runArraySchema,
} from '@berth/shared/model/run-array';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { CreateRunArrayCommand } from '../commands/create-run-array.ts';
import { EndRunArrayCommand } from '../commands/end-run-array.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RunArrayRepository } from '../persistence/run-array-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { deleteRunArrayQuery, idParamSchema, namedQuery } from './queries.ts';

@ApiTags('run-arrays')
@InWorkspace()
@Controller('v1/workspaces/:workspace/run-arrays')
export class RunArraysController {
  constructor(
    private readonly createRunArray: CreateRunArrayCommand,
    private readonly endRunArray: EndRunArrayCommand,
    private readonly arrays: RunArrayRepository,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createRunArray',
    summary: 'Run a container many times, each with its index and its parameters; all of the runs are stored, or none',
    status: 201,
    answer: runArraySchema,
    problems: ['invalid-request', 'host-port-taken', 'refused-by-hosts', 'idempotency-key-reused'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createRunArraySchema }) body: CreateRunArray,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunArray> {
    const array = await this.createRunArray.execute(workspace, caller.actor, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/run-arrays/${array.metadata.id}`);
    setEtag(reply, array);
    return array;
  }

  @Get()
  @Documented({
    id: 'listRunArrays',
    summary: 'List run arrays, newest first; the runs of one are in the list of runs, by ?array=',
    answer: pageSchema(listedRunArraySchema),
    problems: ['invalid-request'],
  })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: namedQuery }) query: z.infer<typeof namedQuery>) {
    const cursor = await this.events.head(workspace.id);
    const { limit, name, label, cursor: before } = query;
    return toPage(await this.arrays.list(workspace.id, { limit, name, label, before }), limit, cursor);
  }

  @Get(':id')
  @Documented({
    id: 'getRunArray',
    summary: 'Read a run array: how far it is, and its first failures',
    answer: runArraySchema,
    problems: ['not-found'],
  })
  async get(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<RunArray> {
    const array = await this.arrays.get(workspace.id, id);
    if (!array) throw new BerthError('not-found', `There is no run array ${id}.`);
    return array;
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Repeatable()
  @Documented({
    id: 'cancelRunArray',
    summary: 'Cancel the runs of an array that wait, and stop those that run',
    answer: runArraySchema,
    problems: ['not-found'],
  })
  cancel(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Param('id', { schema: idParamSchema }) arrayId: string,
  ): Promise<RunArray> {
    return this.endRunArray.cancel({ workspaceId: workspace.id, arrayId, actor: caller.actor, claim });
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    id: 'deleteRunArray',
    summary: 'Delete a run array with its runs, their logs and containers, once all have ended; by ?force=true at once',
    status: 204,
    problems: ['not-found', 'conflict'],
  })
  async delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) arrayId: string,
    @Query({ schema: deleteRunArrayQuery }) query: z.infer<typeof deleteRunArrayQuery>,
  ): Promise<void> {
    await this.endRunArray.delete({ workspaceId: workspace.id, arrayId, actor: caller.actor }, query.force);
  }
}
