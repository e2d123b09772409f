import { BerthError } from '@berth/shared/errors/problem';
import { pageSchema } from '@berth/shared/http/lists';
import {
  type CreateSecret,
  createSecretSchema,
  type Secret,
  type SecretKey,
  secretKeySchema,
  secretSchema,
  secretVersionsSchema,
  type UpdateSecret,
  updateSecretSchema,
} from '@berth/shared/model/secret';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { ChangeSecretCommand } from '../commands/change-secret.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { SecretRepository } from '../persistence/secret-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch, setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { forceQuery, idParamSchema, secretsQuery } from './queries.ts';

const numberParam = z.coerce.number().int().min(1).max(2_147_483_647);

@ApiTags('secrets')
@InWorkspace()
@Controller('v1/workspaces/:workspace/secrets')
export class SecretsController {
  constructor(
    private readonly change: ChangeSecretCommand,
    private readonly secrets: SecretRepository,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createSecret',
    summary: 'Store a secret: encrypted, and never shown again unless it is made visible',
    status: 201,
    answer: secretSchema,
    problems: ['invalid-request', 'conflict', 'idempotency-key-reused'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createSecretSchema }) body: CreateSecret,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Secret> {
    const secret = await this.change.create(workspace, caller.actor, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/secrets/${secret.metadata.id}`);
    setEtag(reply, secret);
    return secret;
  }

  @Get()
  @Documented({ id: 'listSecrets', summary: 'List secrets, newest first, with who uses them', answer: pageSchema(secretSchema) })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: secretsQuery }) query: z.infer<typeof secretsQuery>) {
    const cursor = await this.events.head(workspace.id);
    return toPage(await this.secrets.list(workspace.id, { ...query, before: query.cursor }), query.limit, cursor);
  }

  @Post('rotate-key')
  @HttpCode(200)
  @Documented({
    id: 'rotateSecretKey',
    summary: "Seal all of the workspace's secrets anew with a fresh key; their versions stay",
    answer: secretKeySchema,
  })
  rotateKey(@Workspace() workspace: WorkspaceRef): Promise<SecretKey> {
    return this.change.replaceKey(workspace.id);
  }

  @Get(':id')
  @Documented({
    id: 'getSecret',
    summary: 'Read a secret; its value only where it is visible',
    answer: secretSchema,
    problems: ['not-found'],
  })
  async get(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Secret> {
    const secret = await this.secrets.get(workspace.id, id);
    if (!secret) throw notFound(id);
    setEtag(reply, secret);
    return secret;
  }

  @Patch(':id')
  @Conditional()
  @Documented({
    id: 'updateSecret',
    summary: 'Give a secret a new value, which is a new version, or other labels',
    answer: secretSchema,
    problems: ['invalid-request', 'not-found', 'precondition-failed'],
  })
  async update(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @IfMatch() ifMatch: string | undefined,
    @Body({ schema: updateSecretSchema }) body: UpdateSecret,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Secret> {
    const secret = await this.change.update({ workspaceId: workspace.id, id, actor: caller.actor, ifMatch }, body);
    setEtag(reply, secret);
    return secret;
  }

  @Delete(':id')
  @HttpCode(204)
  @Conditional()
  @Documented({
    id: 'deleteSecret',
    summary: 'Delete a secret with all of its values; refused while a run or a service uses it, but with ?force=true',
    status: 204,
    problems: ['not-found', 'conflict', 'precondition-failed'],
  })
  delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @IfMatch() ifMatch: string | undefined,
    @Query({ schema: forceQuery }) { force }: z.infer<typeof forceQuery>,
  ): Promise<void> {
    return this.change.delete({ workspaceId: workspace.id, id, actor: caller.actor, ifMatch }, force === 'true');
  }

  @Get(':id/versions')
  @Documented({
    id: 'listSecretVersions',
    summary: 'The versions of a secret, oldest first, with who made and who uses them',
    answer: secretVersionsSchema,
    problems: ['not-found'],
  })
  async versions(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string) {
    const items = await this.secrets.versions(workspace.id, id);
    if (!items) throw notFound(id);
    return { items };
  }

  @Delete(':id/versions/:number')
  @HttpCode(204)
  @Documented({
    id: 'destroySecretVersion',
    summary: 'Destroy the value of an earlier version for good; it stays listed',
    status: 204,
    problems: ['invalid-request', 'not-found', 'conflict'],
  })
  destroyVersion(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @Param('number', { schema: numberParam }) number: number,
    @Query({ schema: forceQuery }) { force }: z.infer<typeof forceQuery>,
  ): Promise<void> {
    return this.change.destroyVersion({ workspaceId: workspace.id, id, actor: caller.actor }, number, force === 'true');
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no secret ${id}.`);
