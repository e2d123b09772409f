import { BerthError } from '@berth/shared/errors/problem';
import { pageSchema } from '@berth/shared/http/lists';
import { type Host, hostSchema } from '@berth/shared/model/host';
import { Controller, Delete, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { DrainHostCommand } from '../commands/drain-host.ts';
import { GiveUpCommand } from '../commands/give-up.ts';
import { RemoveHostCommand } from '../commands/remove-host.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import { HostRepository } from '../persistence/host-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { hostsQuery, idParamSchema } from './queries.ts';
import { ServerSentEvents } from './server-sent-events.ts';

@ApiTags('hosts')
@InWorkspace()
@Controller('v1/workspaces/:workspace/hosts')
export class HostsController {
  constructor(
    private readonly hosts: HostRepository,
    private readonly events: EventRepository,
    private readonly removeHost: RemoveHostCommand,
    private readonly giveUpCommand: GiveUpCommand,
    private readonly drainHost: DrainHostCommand,
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
    if (!host) throw new BerthError('not-found', `There is no host ${id}.`);
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
