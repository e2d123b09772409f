import { pageSchema } from '@berth/shared/http/lists';
import { type AgentUpdate, agentUpdateSchema, createAgentUpdateSchema } from '@berth/shared/model/agent-update';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { UpdateAgentsCommand } from '../commands/update-agents.ts';
import { AgentUpdateRepository } from '../persistence/agent-update-repository.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema, pageQuery } from './queries.ts';

@ApiTags('hosts')
@InWorkspace()
@Controller('v1/workspaces/:workspace/agent-updates')
export class AgentUpdatesController {
  constructor(
    private readonly updates: AgentUpdateRepository,
    private readonly updateAgents: UpdateAgentsCommand,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createAgentUpdate',
    summary: 'Update the agents of hosts to the version of this Berth, stage after stage; containers go on untouched',
    status: 201,
    answer: agentUpdateSchema,
    problems: ['invalid-request', 'conflict'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createAgentUpdateSchema }) body: z.infer<typeof createAgentUpdateSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AgentUpdate> {
    const created = await this.updateAgents.create(workspace.id, caller.actor, body.spec, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/agent-updates/${created.metadata.id}`);
    return created;
  }

  @Get()
  @Documented({ id: 'listAgentUpdates', summary: 'List updates of agents, newest first', answer: pageSchema(agentUpdateSchema) })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>) {
    const cursor = await this.events.head(workspace.id);
    return toPage(await this.updates.list(workspace.id, { limit: query.limit, before: query.cursor }), query.limit, cursor);
  }

  @Get(':id')
  @Documented({
    id: 'getAgentUpdate',
    summary: 'Read an update of agents, with how far each host is',
    answer: agentUpdateSchema,
    problems: ['not-found'],
  })
  get(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<AgentUpdate> {
    return this.updateAgents.read(workspace.id, id);
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Documented({
    id: 'pauseAgentUpdate',
    summary: 'Pause an update of agents: what has begun goes on to its end, nothing more begins',
    answer: agentUpdateSchema,
    problems: ['not-found', 'conflict'],
  })
  pause(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<AgentUpdate> {
    return this.updateAgents.steer({ workspaceId: workspace.id, id, actor: caller.actor }, 'pause');
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Documented({
    id: 'resumeAgentUpdate',
    summary: 'Let a paused update of agents go on; it pauses again after as many more failures',
    answer: agentUpdateSchema,
    problems: ['not-found', 'conflict'],
  })
  resume(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<AgentUpdate> {
    return this.updateAgents.steer({ workspaceId: workspace.id, id, actor: caller.actor }, 'resume');
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Documented({
    id: 'cancelAgentUpdate',
    summary: 'Cancel an update of agents: what has begun goes on to its end, hosts that wait keep their agents',
    answer: agentUpdateSchema,
    problems: ['not-found', 'conflict'],
  })
  cancel(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<AgentUpdate> {
    return this.updateAgents.steer({ workspaceId: workspace.id, id, actor: caller.actor }, 'cancel');
  }
}
