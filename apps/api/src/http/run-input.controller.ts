/** What is written to the standard input of a run, as it is. */
import { type InputQuery, type InputWritten, inputQuerySchema, inputWrittenSchema } from '@berth/shared/http/run-input';
import { STDIN_BYTES } from '@berth/shared/protocol/call';
import { Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { WriteInputCommand } from '../commands/write-input.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';
import { bytesOf } from './upload-types.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs/:id/stdin')
export class RunInputController {
  constructor(private readonly input: WriteInputCommand) {}

  /** Not repeatable by a key: bytes are written at most once, and their order is that of the requests. */
  @Post()
  @HttpCode(200)
  @ApiConsumes('*/*')
  @ApiBody({ required: false, schema: { type: 'string', format: 'binary' } })
  @Documented({
    id: 'writeRunInput',
    summary: 'Write the body, at most 1 MiB of any type, to the standard input of a run; answered once it is written',
    answer: inputWrittenSchema,
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request', 'too-large'],
  })
  async write(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: inputQuerySchema }) { end }: InputQuery,
    @Req() request: FastifyRequest,
  ): Promise<InputWritten> {
    return this.input.write(workspace.id, id, caller.actor, await bytesOf(request, STDIN_BYTES), end === 'true');
  }
}
