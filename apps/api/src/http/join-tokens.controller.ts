import { BerthError } from '@berth/shared/errors/problem';
import { pageSchema } from '@berth/shared/http/lists';
import {
  type CreatedJoinToken,
  createdJoinTokenSchema,
  createJoinTokenSchema,
  type JoinToken,
  joinTokenSchema,
} from '@berth/shared/model/host';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { WorkspaceRef } from '../auth/principal.ts';
import { CreateJoinTokenCommand } from '../commands/create-join-token.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { JoinTokenRepository } from '../persistence/join-token-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { toPage } from './page.ts';
import { Workspace } from './principal.decorators.ts';
import { idParamSchema, pageQuery } from './queries.ts';

@ApiTags('hosts')
@InWorkspace()
@Controller('v1/workspaces/:workspace/join-tokens')
export class JoinTokensController {
  constructor(
    private readonly createJoinToken: CreateJoinTokenCommand,
    private readonly joinTokens: JoinTokenRepository,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createJoinToken',
    summary: 'Make a token with which machines enrol as hosts',
    status: 201,
    answer: createdJoinTokenSchema,
    problems: ['invalid-request'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createJoinTokenSchema }) body: z.infer<typeof createJoinTokenSchema>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedJoinToken> {
    const created = await this.createJoinToken.execute(workspace, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/join-tokens/${created.resource.metadata.id}`);
    return created;
  }

  @Get()
  @Documented({ id: 'listJoinTokens', summary: 'List join tokens, newest first', answer: pageSchema(joinTokenSchema) })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>) {
    const cursor = await this.events.head(workspace.id);
    return toPage(await this.joinTokens.list(workspace.id, { limit: query.limit, before: query.cursor }), query.limit, cursor);
  }

  @Get(':id')
  @Documented({
    id: 'getJoinToken',
    summary: 'Read a join token (never the token itself)',
    answer: joinTokenSchema,
    problems: ['not-found'],
  })
  async get(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<JoinToken> {
    const token = await this.joinTokens.get(workspace.id, id);
    if (!token) throw notFound(id);
    return token;
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    id: 'revokeJoinToken',
    summary: 'Revoke a join token; hosts that enrolled with it stay',
    status: 204,
    problems: ['not-found'],
  })
  async revoke(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<void> {
    if (!(await this.joinTokens.revoke(workspace.id, id))) throw notFound(id);
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no join token ${id}.`);
