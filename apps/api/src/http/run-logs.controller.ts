import { createGzip } from 'node:zlib';
import { BerthError } from '@berth/shared/errors/problem';
import {
  type LogMatches,
  type LogOutline,
  type LogSearchQuery,
  type LogsQuery,
  logMatchesSchema,
  logOutlineSchema,
  logSearchQuerySchema,
  logsQuerySchema,
} from '@berth/shared/http/logs';
import { Controller, Get, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { WorkspaceRef } from '../auth/principal.ts';
import { LogSearch } from '../logs/log-search.ts';
import { LogOutlineRepository } from '../persistence/log-outline-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { Documented, InWorkspace } from './documented.ts';
import { LongResponses } from './long-responses.ts';
import { Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';
import { RunLog } from './run-log.ts';

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace/runs/:id/logs')
export class RunLogsController {
  constructor(
    private readonly runs: RunRepository,
    private readonly log: RunLog,
    private readonly search: LogSearch,
    private readonly outlines: LogOutlineRepository,
    private readonly long: LongResponses,
  ) {}

  @Get()
  @Documented({
    id: 'readRunLog',
    summary:
      'Read the output of a run: all of it, its last lines, a time, lines that match; NDJSON with cursors by "Accept: application/x-ndjson"',
    content: {
      'text/plain': { description: 'The bytes that the container wrote' },
      'application/x-ndjson': { description: 'One JSON object a line; data is base64' },
      'application/gzip': { description: 'download=true&gzip=true: the bytes, compressed' },
    },
    problems: ['not-found', 'invalid-request'],
  })
  async logs(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: logsQuerySchema }) query: LogsQuery,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const run = await this.runs.get(workspace.id, id);
    if (!run) throw new BerthError('not-found', `There is no run ${id}.`);
    const format = request.headers.accept?.includes('ndjson') ? 'ndjson' : 'text';
    const pieces = await this.log.open(workspace.id, id, query, format);
    const type = format === 'text' ? 'text/plain; charset=utf-8' : 'application/x-ndjson';
    if (!query.download) return this.long.send(reply, type, pieces);
    // A name has only letters that need no quoting (resourceNameSchema).
    const name = `${run.metadata.name}.${format === 'text' ? 'log' : 'ndjson'}${query.gzip ? '.gz' : ''}`;
    reply.header('content-disposition', `attachment; filename="${name}"`);
    if (!query.gzip) return this.long.send(reply, type, pieces);
    await this.long.send(reply, 'application/gzip', (signal) => compressed(pieces(signal), signal));
  }

  @Get('search')
  @Documented({
    id: 'searchRunLog',
    summary: 'Search in the output of a run, for a bounded time a call',
    answer: logMatchesSchema,
    problems: ['not-found', 'invalid-request', 'unavailable'],
  })
  find(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: logSearchQuerySchema }) query: LogSearchQuery,
  ): Promise<LogMatches> {
    return this.search.search(workspace.id, id, query);
  }

  @Get('outline')
  @Documented({
    id: 'outlineRunLog',
    summary: 'How long the output of a run is: its parts with their places, times and numbers of lines',
    answer: logOutlineSchema,
    problems: ['not-found'],
  })
  outline(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<LogOutline> {
    return this.outlines.outline(workspace.id, id);
  }
}

/** Pulled piece by piece: a client that does not read stops the reading of the log too. */
async function* compressed(pieces: AsyncGenerator<string | Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const { pipeline, Readable } = await import('node:stream');
  const gzip = createGzip({ level: 5 });
  // Its failure is the stream's, which is read below.
  pipeline(Readable.from(pieces, { objectMode: false, signal }), gzip, () => undefined);
  yield* gzip;
}
