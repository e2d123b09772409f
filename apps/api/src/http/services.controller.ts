import { BerthError } from '@berth/shared/errors/problem';
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { replicasSchema, revisionsSchema, rollBackSchema, scaleSchema } from '@berth/shared/http/services';
import {
  type CreateService,
  createServiceSchema,
  type Service,
  servicePlanSchema,
  serviceSchema,
  type UpdateService,
  updateServiceSchema,
} from '@berth/shared/model/service';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { KeepServiceCommand } from '../commands/keep-service.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { type ServiceChange, ServiceRepository } from '../persistence/service-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch, setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { dryRunQuery, idParamSchema, namedQuery, resourceEventsQuery } from './queries.ts';

const DRY_RUN = { status: 200, description: 'With ?dryRun=true: what it would do; nothing is changed', answer: servicePlanSchema } as const;

@ApiTags('services')
@InWorkspace()
@Controller('v1/workspaces/:workspace/services')
export class ServicesController {
  constructor(
    private readonly keep: KeepServiceCommand,
    private readonly services: ServiceRepository,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createService',
    summary: 'Keep replicas of a container at count; with ?dryRun=true, say what that would do',
    status: 201,
    answer: serviceSchema,
    also: DRY_RUN,
    problems: ['invalid-request', 'conflict', 'host-port-taken', 'refused-by-hosts', 'idempotency-key-reused'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Query({ schema: dryRunQuery }) { dryRun }: z.infer<typeof dryRunQuery>,
    @Body({ schema: createServiceSchema }) body: CreateService,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (dryRun) {
      reply.code(200).send(await this.keep.tryCreate(workspace, body));
      return;
    }
    const service = await this.keep.create({ workspace, actor: caller.actor, body, claim });
    setEtag(reply, service);
    reply.code(201).header('location', `/v1/workspaces/${workspace.slug}/services/${service.metadata.id}`).send(service);
  }

  @Get()
  @Documented({
    id: 'listServices',
    summary: 'List services, newest first',
    answer: pageSchema(serviceSchema),
    problems: ['invalid-request'],
  })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: namedQuery }) query: z.infer<typeof namedQuery>) {
    const cursor = await this.events.head(workspace.id);
    const { limit, cursor: before, name, label } = query;
    return toPage(await this.services.list(workspace.id, { limit, before, name, label }), limit, cursor);
  }

  @Get(':id')
  @Documented({
    id: 'getService',
    summary: 'Read a service: what was asked, and what is so',
    answer: serviceSchema,
    problems: ['not-found'],
  })
  async get(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Service> {
    const service = await this.keep.read(workspace.id, id);
    setEtag(reply, service);
    return service;
  }

  @Patch(':id')
  @Conditional()
  @Documented({
    id: 'updateService',
    summary:
      'Change a service: its whole spec, its labels, or both; another template is rolled out. With ?dryRun=true, say what that would do',
    answer: z.union([serviceSchema, servicePlanSchema]),
    problems: ['invalid-request', 'not-found', 'conflict', 'refused-by-hosts', 'precondition-failed'],
  })
  async update(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) serviceId: string,
    @Query({ schema: dryRunQuery }) { dryRun }: z.infer<typeof dryRunQuery>,
    @Body({ schema: updateServiceSchema }) body: UpdateService,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (dryRun) {
      const spec = body.spec ?? (await this.keep.read(workspace.id, serviceId)).spec;
      reply.send(await this.keep.tryUpdate(workspace.id, serviceId, spec));
      return;
    }
    const service = await this.keep.update({ workspaceId: workspace.id, serviceId, actor: caller.actor, ifMatch }, body);
    setEtag(reply, service);
    reply.send(service);
  }

  @Delete(':id')
  @HttpCode(204)
  @Conditional()
  @Documented({
    id: 'deleteService',
    summary: 'Delete a service: its replicas are stopped, and removed with their logs',
    status: 204,
    problems: ['not-found', 'precondition-failed'],
  })
  async delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) serviceId: string,
  ): Promise<void> {
    await this.keep.delete({ workspaceId: workspace.id, serviceId, actor: caller.actor, ifMatch });
  }

  @Get(':id/replicas')
  @Documented({
    id: 'listReplicas',
    summary: 'The replicas of a service by their place, with the fields in which each differs from what is asked',
    answer: replicasSchema,
    problems: ['not-found'],
  })
  async replicas(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string) {
    const items = await this.services.replicas(workspace.id, id);
    if (!items) throw new BerthError('not-found', `There is no service ${id}.`);
    return { items };
  }

  @Get(':id/revisions')
  @Documented({
    id: 'listRevisions',
    summary: 'The templates that a service has had, newest first',
    answer: revisionsSchema,
    problems: ['not-found'],
  })
  async revisions(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string) {
    await this.keep.read(workspace.id, id);
    return { items: await this.services.revisions(id) };
  }

  @Get(':id/events')
  @Documented({
    id: 'listServiceEvents',
    summary: 'What happened to a service, oldest first',
    answer: eventPageSchema,
    problems: ['not-found', 'cursor-expired'],
  })
  async listEvents(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: resourceEventsQuery }) query: z.infer<typeof resourceEventsQuery>,
  ) {
    await this.keep.read(workspace.id, id);
    const { events, cursor, pending } = await this.events.readOf(workspace.id, id, query.after ?? null, query.limit);
    return { items: events, cursor, pending };
  }

  @Post(':id/scale')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'scaleService',
    summary: 'Change how many replicas there are',
    answer: serviceSchema,
    problems: ['invalid-request', 'not-found', 'conflict', 'precondition-failed'],
  })
  scale(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) id: string,
    @Body({ schema: scaleSchema }) { replicas }: z.infer<typeof scaleSchema>,
  ): Promise<Service> {
    return this.keep.steer(change(workspace, caller, id, claim, ifMatch), { action: 'scale', replicas });
  }

  @Post(':id/roll-back')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'rollBackService',
    summary: 'Go back to a revision: the last one before the present whose replicas were all available, or the one that is named',
    answer: serviceSchema,
    problems: ['invalid-request', 'not-found', 'conflict', 'precondition-failed'],
  })
  rollBack(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) id: string,
    @Body({ schema: rollBackSchema }) { revision }: z.infer<typeof rollBackSchema>,
  ): Promise<Service> {
    return this.keep.steer(change(workspace, caller, id, claim, ifMatch), { action: 'roll-back', revision });
  }

  @Post(':id/promote')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'promoteService',
    summary: 'Let a roll-out go on after its canary',
    answer: serviceSchema,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  promote(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<Service> {
    return this.keep.steer(change(workspace, caller, id, claim, ifMatch), { action: 'promote' });
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'retryService',
    summary: 'Roll out again what failed',
    answer: serviceSchema,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  retry(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<Service> {
    return this.keep.steer(change(workspace, caller, id, claim, ifMatch), { action: 'retry' });
  }

  @Post(':id/renew')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'renewService',
    summary: 'Roll out the newest versions of the secrets of which the template names none',
    answer: serviceSchema,
    problems: ['invalid-request', 'not-found', 'conflict', 'precondition-failed'],
  })
  renew(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) id: string,
  ): Promise<Service> {
    return this.keep.renew(change(workspace, caller, id, claim, ifMatch));
  }
}

const change = (
  workspace: WorkspaceRef,
  caller: Principal,
  serviceId: string,
  claim: IdempotencyClaim | undefined,
  ifMatch: string | undefined,
): ServiceChange => ({ workspaceId: workspace.id, serviceId, actor: caller.actor, claim, ifMatch });
