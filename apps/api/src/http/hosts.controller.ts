import { BerthError } from '@berth/shared/errors/problem';
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { type Host, type HostImages, hostImagesSchema, hostSchema, type UpdateHost, updateHostSchema } from '@berth/shared/model/host';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { ChangeHostKeyCommand } from '../commands/change-host-key.ts';
import { DrainHostCommand } from '../commands/drain-host.ts';
import { GiveUpCommand } from '../commands/give-up.ts';
import { RemoveHostCommand } from '../commands/remove-host.ts';
import { UpdateAgentsCommand } from '../commands/update-agents.ts';
import { UpdateHostCommand } from '../commands/update-host.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import { HostRepository } from '../persistence/host-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch, setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { hostsQuery, idParamSchema, resourceEventsQuery } from './queries.ts';
import { ServerSentEvents } from './server-sent-events.ts';

@ApiTags('hosts')
@InWorkspace()
@Controller('v1/workspaces/:workspace/hosts')
export class HostsController {
  constructor(
    private readonly hosts: HostRepository,
    private readonly events: EventRepository,
    private readonly updateHost: UpdateHostCommand,
    private readonly changeKey: ChangeHostKeyCommand,
    private readonly removeHost: RemoveHostCommand,
    private readonly giveUpCommand: GiveUpCommand,
    private readonly drainHost: DrainHostCommand,
    private readonly updateAgents: UpdateAgentsCommand,
    private readonly sse: ServerSentEvents,
  ) {}

  @Get()
  @Documented({
    id: 'listHosts',
    summary: 'List hosts, newest first; with ?watch=true, follow their events (server-sent events)',
    answer: pageSchema(hostSchema),
    problems: ['invalid-request', 'cursor-expired'],
  })
  async list(
    @Workspace() workspace: WorkspaceRef,
    @Query({ schema: hostsQuery }) query: z.infer<typeof hostsQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (query.watch === 'true') return this.sse.send(request, reply, workspace.id, query.after, 'Host');
    const cursor = await this.events.head(workspace.id);
    const items = await this.hosts.list(workspace.id, { ...query, before: query.cursor });
    reply.send(toPage(items, query.limit, cursor));
  }

  @Get(':id')
  @Documented({ id: 'getHost', summary: 'Read a host', answer: hostSchema, problems: ['not-found'] })
  async get(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Host> {
    const host = await this.hosts.get(workspace.id, id);
    if (!host) throw notFound(id);
    setEtag(reply, host);
    return host;
  }

  @Post(':id/drain')
  @HttpCode(200)
  @Repeatable()
  @Documented({
    id: 'drainHost',
    summary: 'Drain a host: it takes no new run; runs that may be moved are stopped and placed elsewhere, a few at a time',
    answer: hostSchema,
    problems: ['not-found'],
  })
  drain(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Param('id', { schema: idParamSchema }) hostId: string,
  ): Promise<Host> {
    return this.drainHost.execute({ workspaceId: workspace.id, hostId, actor: caller.actor, claim }, true);
  }

  @Delete(':id/drain')
  @Documented({
    id: 'cancelDrain',
    summary: 'Let a drained host take runs again; what has been stopped already is placed anew all the same',
    answer: hostSchema,
    problems: ['not-found'],
  })
  cancelDrain(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) hostId: string,
  ): Promise<Host> {
    return this.drainHost.execute({ workspaceId: workspace.id, hostId, actor: caller.actor }, false);
  }

  @Post(':id/give-up')
  @HttpCode(200)
  @Repeatable()
  @Documented({
    id: 'giveUpHost',
    summary: 'Say that a host of which nothing is heard is gone: runs that may be are placed elsewhere, the others end as lost',
    answer: hostSchema,
    problems: ['not-found', 'conflict'],
  })
  giveUp(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Param('id', { schema: idParamSchema }) hostId: string,
  ): Promise<Host> {
    return this.giveUpCommand.host({ workspaceId: workspace.id, hostId, actor: caller.actor, claim });
  }

  @Patch(':id')
  @Conditional()
  @Documented({
    id: 'updateHost',
    summary: 'Rename a host, change its labels, cordon it (it takes no new run; what runs there goes on) or uncordon it',
    answer: hostSchema,
    problems: ['invalid-request', 'not-found', 'conflict', 'precondition-failed'],
  })
  async update(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @IfMatch() ifMatch: string | undefined,
    @Body({ schema: updateHostSchema }) body: UpdateHost,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Host> {
    const host = await this.updateHost.execute({ workspaceId: workspace.id, hostId: id, actor: caller.actor, ifMatch }, body);
    setEtag(reply, host);
    return host;
  }

  @Post(':id/approve')
  @HttpCode(200)
  @Documented({
    id: 'approveHost',
    summary: 'Approve a host that joined where new ones need approval; to reject it, remove it',
    answer: hostSchema,
    problems: ['not-found'],
  })
  approve(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<Host> {
    return this.updateHost.approve({ workspaceId: workspace.id, hostId: id, actor: caller.actor });
  }

  @Post(':id/rotate-key')
  @HttpCode(200)
  @Documented({
    id: 'rotateHostKey',
    summary: 'Have the agent of a host make another key in the place of the present one',
    answer: hostSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  rotateKey(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<Host> {
    return this.changeKey.rotate({ workspaceId: workspace.id, hostId: id, actor: caller.actor });
  }

  @Post(':id/revoke-key')
  @HttpCode(200)
  @Documented({
    id: 'revokeHostKey',
    summary: 'Refuse the agent of a host for good; its runs and their logs stay, and the machine can be enrolled anew',
    answer: hostSchema,
    problems: ['not-found'],
  })
  revokeKey(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<Host> {
    return this.changeKey.revoke({ workspaceId: workspace.id, hostId: id, actor: caller.actor });
  }

  @Post(':id/update')
  @HttpCode(200)
  @Repeatable()
  @Documented({
    id: 'updateHostAgent',
    summary: 'Update the agent of a host to the version of this Berth; its containers go on untouched',
    answer: hostSchema,
    problems: ['not-found', 'conflict'],
  })
  updateAgent(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Param('id', { schema: idParamSchema }) hostId: string,
  ): Promise<Host> {
    return this.updateAgents.host({ workspaceId: workspace.id, hostId, actor: caller.actor }, claim);
  }

  @Get(':id/images')
  @Documented({
    id: 'listHostImages',
    summary: 'The images that a host has cached, by their familiar names and digests, 500 at most',
    answer: hostImagesSchema,
    problems: ['not-found'],
  })
  async images(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<HostImages> {
    const items = await this.hosts.images(workspace.id, id);
    if (!items) throw notFound(id);
    return { items };
  }

  @Get(':id/events')
  @Documented({
    id: 'listHostEvents',
    summary: 'What happened to a host, and who did it, oldest first',
    answer: eventPageSchema,
    problems: ['not-found', 'cursor-expired'],
  })
  async listEvents(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: resourceEventsQuery }) query: z.infer<typeof resourceEventsQuery>,
  ) {
    if (!(await this.hosts.get(workspace.id, id))) throw notFound(id);
    const { events, cursor, pending } = await this.events.readOf(workspace.id, id, query.after ?? null, query.limit);
    return { items: events, cursor, pending };
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    id: 'removeHost',
    summary: 'Remove a host: its active runs are lost, its agent is refused',
    status: 204,
    problems: ['not-found'],
  })
  delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<void> {
    return this.removeHost.execute(workspace.id, id, caller.actor);
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no host ${id}.`);
