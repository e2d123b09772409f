import { BerthError } from '@berth/shared/errors/problem';
import { pageSchema } from '@berth/shared/http/lists';
import { type CreateRegistry, createRegistrySchema, type Registry, registrySchema } from '@berth/shared/model/registry';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { WorkspaceRef } from '../auth/principal.ts';
import { CreateRegistryCommand } from '../commands/create-registry.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RegistryRepository } from '../persistence/registry-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Workspace } from './principal.decorators.ts';
import { idParamSchema, pageQuery } from './queries.ts';

@ApiTags('registries')
@InWorkspace()
@Controller('v1/workspaces/:workspace/registries')
export class RegistriesController {
  constructor(
    private readonly createRegistry: CreateRegistryCommand,
    private readonly registries: RegistryRepository,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createRegistry',
    summary: 'Store credentials for a registry',
    status: 201,
    answer: registrySchema,
    problems: ['invalid-request', 'conflict'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createRegistrySchema }) body: CreateRegistry,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Registry> {
    const registry = await this.createRegistry.execute(workspace, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/registries/${registry.metadata.id}`);
    setEtag(reply, registry);
    return registry;
  }

  @Get()
  @Documented({ id: 'listRegistries', summary: 'List registry credentials, newest first', answer: pageSchema(registrySchema) })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>) {
    const cursor = await this.events.head(workspace.id);
    return toPage(await this.registries.list(workspace.id, { limit: query.limit, before: query.cursor }), query.limit, cursor);
  }

  @Get(':id')
  @Documented({
    id: 'getRegistry',
    summary: 'Read registry credentials (never the password)',
    answer: registrySchema,
    problems: ['not-found'],
  })
  async get(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<Registry> {
    const registry = await this.registries.get(workspace.id, id);
    if (!registry) throw notFound(id);
    return registry;
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({ id: 'deleteRegistry', summary: 'Delete registry credentials', status: 204, problems: ['not-found'] })
  async delete(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<void> {
    if (!(await this.registries.delete(workspace.id, id))) throw notFound(id);
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no registry ${id}.`);
