import { BerthError } from '@berth/shared/errors/problem';
import { pageSchema } from '@berth/shared/http/lists';
import {
  type CreatedToken,
  type CreateToken,
  createdTokenSchema,
  createTokenSchema,
  type Token,
  tokenSchema,
} from '@berth/shared/model/token';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { BetterAuthAuthenticator } from '../auth/authenticator.ts';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { CreateTokenCommand } from '../commands/create-token.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { TokenRepository } from '../persistence/token-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema, pageQuery } from './queries.ts';

@ApiTags('tokens')
@InWorkspace()
@Controller('v1/workspaces/:workspace/tokens')
export class TokensController {
  constructor(
    private readonly createToken: CreateTokenCommand,
    private readonly tokens: TokenRepository,
    private readonly events: EventRepository,
    private readonly authenticator: BetterAuthAuthenticator,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createToken',
    summary: 'Make an API token; it is shown once',
    status: 201,
    answer: createdTokenSchema,
    problems: ['invalid-request'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createTokenSchema }) body: CreateToken,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CreatedToken> {
    const created = await this.createToken.execute(workspace, caller, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/tokens/${created.resource.metadata.id}`);
    return created;
  }

  @Get()
  @Documented({ id: 'listTokens', summary: 'List API tokens, newest first', answer: pageSchema(tokenSchema) })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>) {
    const cursor = await this.events.head(workspace.id);
    return toPage(await this.tokens.list(workspace.id, { limit: query.limit, before: query.cursor }), query.limit, cursor);
  }

  @Get(':id')
  @Documented({ id: 'getToken', summary: 'Read an API token (never the token itself)', answer: tokenSchema, problems: ['not-found'] })
  async get(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<Token> {
    const token = await this.tokens.get(workspace.id, id);
    if (!token) throw notFound(id);
    return token;
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({ id: 'deleteToken', summary: 'Revoke an API token, at once', status: 204, problems: ['not-found'] })
  async delete(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<void> {
    const deleted = await this.tokens.delete(workspace.id, id);
    this.authenticator.forget();
    if (!deleted) throw notFound(id);
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no token ${id}.`);
