import { type Files, type FilesQuery, filesQuerySchema, filesSchema, type Uploaded, uploadedSchema } from '@berth/shared/http/files';
import { Controller, Get, Param, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { ContainerFilesCommand } from '../commands/container-files.ts';
import { Documented, InWorkspace } from './documented.ts';
import { LongResponses } from './long-responses.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';
import { TAR, UPLOAD_TYPES } from './upload-types.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs/:id/files')
export class RunFilesController {
  constructor(
    private readonly files: ContainerFilesCommand,
    private readonly long: LongResponses,
  ) {}

  @Get()
  @Documented({
    id: 'listRunFiles',
    summary: 'What is in a folder of a container, running or ended',
    answer: filesSchema,
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request'],
  })
  list(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: filesQuerySchema }) { path }: FilesQuery,
  ): Promise<Files> {
    return this.files.list(workspace.id, id, path);
  }

  @Get('content')
  @Documented({
    id: 'readRunFile',
    summary: 'A file of a container as it is, or a folder as a tar',
    content: {
      'application/octet-stream': { description: 'The bytes of the file' },
      [TAR]: { description: 'The folder' },
    },
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request'],
  })
  async read(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: filesQuerySchema }) { path }: FilesQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { name, type, bytes, pieces } = await this.files.download(workspace.id, id, path);
    // RFC 6266: the plain name for those who cannot read the other.
    const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
    reply.header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encodeRfc5987(name)}`);
    if (bytes !== null) reply.header('content-length', bytes);
    await this.long.send(reply, type === 'tar' ? TAR : 'application/octet-stream', () => pieces);
  }

  @Put('content')
  @ApiConsumes(...UPLOAD_TYPES)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Documented({
    id: 'writeRunFile',
    summary: 'Write a file of a container; with "Content-Type: application/x-tar", unpack a tar into a folder of it; at most 1 GiB',
    answer: uploadedSchema,
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request', 'too-large', 'unsupported-media-type'],
  })
  async write(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: filesQuerySchema }) { path }: FilesQuery,
    @Req() request: FastifyRequest,
  ): Promise<Uploaded> {
    const { raw, headers } = request;
    const length = headers['content-length'];
    try {
      return await this.files.upload(workspace.id, id, caller.actor, {
        path,
        tar: headers['content-type']?.startsWith(TAR) ?? false,
        bytes: length === undefined ? (headers['transfer-encoding'] === undefined ? 0 : null) : Number(length),
        body: raw.iterator({ destroyOnReturn: false }),
      });
    } finally {
      // A refusal is heard by a client that is still sending only where what it sends is taken.
      raw.resume();
    }
  }
}

const encodeRfc5987 = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
