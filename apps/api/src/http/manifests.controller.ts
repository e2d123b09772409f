import { type ApplyAnswer, type ApplyQuery, applyAnswerSchema, applyQuerySchema } from '@berth/shared/http/manifests';
import type { AppliedKind } from '@berth/shared/model/manifest';
import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { ApplyManifestsCommand } from '../commands/apply-manifests.ts';
import { ExportManifestsCommand } from '../commands/export-manifests.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import type { JsonObject } from '../planning/manifests/model.ts';
import { toYaml } from '../planning/manifests/write-manifests.ts';
import { Claim } from './claim.decorator.ts';
import { Documented, InWorkspace, Repeatable } from './documented.ts';
import { LongResponses } from './long-responses.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { type ExportQuery, exportQuery, idParamSchema } from './queries.ts';
import { MANIFEST_TYPES, textOf, YAML } from './upload-types.ts';

const MANIFEST = { [YAML]: { description: 'The manifest; as JSON by "Accept: application/json"' } };

@ApiTags('manifests')
@InWorkspace()
@Controller('v1/workspaces/:workspace')
export class ManifestsController {
  constructor(
    private readonly apply: ApplyManifestsCommand,
    private readonly exports: ExportManifestsCommand,
    private readonly long: LongResponses,
  ) {}

  @Post('apply')
  @HttpCode(200)
  @Repeatable()
  @ApiConsumes(...MANIFEST_TYPES)
  @ApiBody({
    schema: { type: 'string', description: 'Manifests, or a Compose file; or JSON: { "files": { "compose.yaml": "…", ".env": "…" } }' },
  })
  @Documented({
    id: 'applyManifests',
    summary: 'Make the workspace as a text says: manifests in YAML or JSON, or a Compose file; ?dryRun=true only says what would be done',
    answer: applyAnswerSchema,
    problems: [
      'invalid-request',
      'too-large',
      'conflict',
      'host-port-taken',
      'refused-by-hosts',
      'precondition-failed',
      'idempotency-key-reused',
    ],
  })
  async post(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Query({ schema: applyQuerySchema }) query: ApplyQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { signal, release } = this.long.signalOf(reply);
    try {
      const answer: ApplyAnswer = await this.apply.execute({
        workspace,
        actor: caller.actor,
        source: textOf(request),
        query,
        claim,
        signal,
      });
      reply.send(answer);
    } finally {
      release();
    }
  }

  @Get('export')
  @Documented({
    id: 'exportManifests',
    summary: 'Everything of a workspace as manifests that apply to the same; ?kinds= names some',
    content: MANIFEST,
    problems: ['invalid-request', 'too-large'],
  })
  async all(
    @Workspace() workspace: WorkspaceRef,
    @Query({ schema: exportQuery }) { kinds }: ExportQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const manifests = await this.exports.all(workspace.id, kinds);
    send(reply, wantsJson(request) ? manifests : toYaml(manifests));
  }

  @Get('runs/:id/manifest')
  @Documented({ id: 'exportRun', summary: 'A run as a manifest', content: MANIFEST, problems: ['not-found'] })
  run(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.one(workspace, 'Run', id, request, reply);
  }

  @Get('services/:id/manifest')
  @Documented({ id: 'exportService', summary: 'A service as a manifest', content: MANIFEST, problems: ['not-found'] })
  service(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.one(workspace, 'Service', id, request, reply);
  }

  @Get('volumes/:id/manifest')
  @Documented({ id: 'exportVolume', summary: 'A volume as a manifest, without its data', content: MANIFEST, problems: ['not-found'] })
  volume(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.one(workspace, 'Volume', id, request, reply);
  }

  @Get('schedules/:id/manifest')
  @Documented({ id: 'exportSchedule', summary: 'A schedule as a manifest', content: MANIFEST, problems: ['not-found'] })
  schedule(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.one(workspace, 'Schedule', id, request, reply);
  }

  @Get('registries/:id/manifest')
  @Documented({
    id: 'exportRegistry',
    summary: 'Registry credentials as a manifest, without the password',
    content: MANIFEST,
    problems: ['not-found'],
  })
  registry(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.one(workspace, 'Registry', id, request, reply);
  }

  private async one(workspace: WorkspaceRef, kind: AppliedKind, id: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const manifest = await this.exports.one(workspace.id, kind, id);
    send(reply, wantsJson(request) ? manifest : toYaml([manifest]));
  }
}

const wantsJson = ({ headers }: FastifyRequest) => headers.accept?.includes('application/json') === true;

function send(reply: FastifyReply, body: string | JsonObject | JsonObject[]): void {
  reply.header('vary', 'accept');
  if (typeof body === 'string') reply.type(`${YAML}; charset=utf-8`).send(body);
  else reply.type('application/json; charset=utf-8').send(JSON.stringify(body, null, 2));
}
