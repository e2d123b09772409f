import { BerthError } from '@berth/shared/errors/problem';
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { type BackupQuery, backupQuerySchema, type Restored, restoredSchema, restoreQuerySchema } from '@berth/shared/http/volumes';
import {
  type CreateVolume,
  createVolumeSchema,
  type UpdateVolume,
  updateVolumeSchema,
  type Volume,
  volumeSchema,
} from '@berth/shared/model/volume';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Put, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { ChangeVolumeCommand } from '../commands/change-volume.ts';
import { VolumeContentCommand } from '../commands/volume-content.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { VolumeRepository } from '../persistence/volume-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch, setEtag } from './if-match.decorator.ts';
import { LongResponses } from './long-responses.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { idParamSchema, resourceEventsQuery, volumesQuery } from './queries.ts';
import { GZIP, RESTORE_TYPES, TAR } from './upload-types.ts';

@ApiTags('volumes')
@InWorkspace()
@Controller('v1/workspaces/:workspace/volumes')
export class VolumesController {
  constructor(
    private readonly change: ChangeVolumeCommand,
    private readonly content: VolumeContentCommand,
    private readonly volumes: VolumeRepository,
    private readonly events: EventRepository,
    private readonly long: LongResponses,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createVolume',
    summary: 'Create a volume; without a host it comes to lie on that of the first run that has it',
    status: 201,
    answer: volumeSchema,
    problems: ['invalid-request', 'conflict', 'idempotency-key-reused'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Body({ schema: createVolumeSchema }) body: CreateVolume,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Volume> {
    const volume = await this.change.create(workspace.id, caller.actor, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/volumes/${volume.metadata.id}`);
    setEtag(reply, volume);
    return volume;
  }

  @Get()
  @Documented({
    id: 'listVolumes',
    summary: 'List volumes, newest first',
    answer: pageSchema(volumeSchema),
    problems: ['invalid-request'],
  })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: volumesQuery }) query: z.infer<typeof volumesQuery>) {
    const cursor = await this.events.head(workspace.id);
    return toPage(await this.volumes.list(workspace.id, { ...query, before: query.cursor }), query.limit, cursor);
  }

  @Get(':id')
  @Documented({ id: 'getVolume', summary: 'Read a volume', answer: volumeSchema, problems: ['not-found'] })
  async get(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Volume> {
    const volume = await this.volumes.get(workspace.id, id);
    if (!volume) throw notFound(id);
    setEtag(reply, volume);
    return volume;
  }

  @Patch(':id')
  @Conditional()
  @Documented({
    id: 'updateVolume',
    summary: 'Change the labels of a volume',
    answer: volumeSchema,
    problems: ['invalid-request', 'not-found', 'precondition-failed'],
  })
  async update(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) volumeId: string,
    @Body({ schema: updateVolumeSchema }) body: UpdateVolume,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Volume> {
    const volume = await this.change.update({ workspaceId: workspace.id, volumeId, actor: caller.actor, ifMatch }, body);
    setEtag(reply, volume);
    return volume;
  }

  @Post(':id/measure')
  @HttpCode(200)
  @Documented({
    id: 'measureVolume',
    summary: 'Have its host measure a volume now; it is measured every few minutes anyway',
    answer: volumeSchema,
    problems: ['not-found', 'conflict', 'unavailable'],
  })
  measure(@Workspace() workspace: WorkspaceRef, @Param('id', { schema: idParamSchema }) id: string): Promise<Volume> {
    return this.content.measure(workspace.id, id);
  }

  @Get(':id/backup')
  @Documented({
    id: 'backUpVolume',
    summary: 'All that is in a volume, as a .tar.gz, or as a tar; runs that write to it are not stopped',
    content: { [GZIP]: { description: 'A tar, compressed' }, [TAR]: { description: 'With ?format=tar' } },
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request'],
  })
  async backup(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: backupQuerySchema }) { format }: BackupQuery,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const zip = format === 'tar.gz';
    const { name, pieces } = await this.content.backup(workspace.id, id, zip);
    reply.header('content-disposition', `attachment; filename="${name}"`);
    await this.long.send(reply, zip ? GZIP : TAR, () => pieces);
  }

  @Put(':id/restore')
  @ApiConsumes(...RESTORE_TYPES)
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Documented({
    id: 'restoreVolume',
    summary: 'Unpack a tar or .tar.gz into a volume; what is there beside it stays. Refused while a run has it mounted, unless forced',
    answer: restoredSchema,
    problems: ['not-found', 'conflict', 'unavailable', 'invalid-request', 'too-large', 'unsupported-media-type'],
  })
  async restore(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) volumeId: string,
    @Query({ schema: restoreQuerySchema }) { force }: z.infer<typeof restoreQuerySchema>,
    @Req() { raw }: FastifyRequest,
  ): Promise<Restored> {
    try {
      const body = raw.iterator({ destroyOnReturn: false });
      return await this.content.restore({ workspaceId: workspace.id, volumeId, actor: caller.actor }, body, force);
    } finally {
      // A refusal is heard by a client that is still sending only where what it sends is taken.
      raw.resume();
    }
  }

  @Get(':id/events')
  @Documented({
    id: 'listVolumeEvents',
    summary: 'What happened to a volume, and who did it, oldest first',
    answer: eventPageSchema,
    problems: ['not-found', 'cursor-expired'],
  })
  async listEvents(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: resourceEventsQuery }) query: z.infer<typeof resourceEventsQuery>,
  ) {
    if (!(await this.volumes.get(workspace.id, id))) throw notFound(id);
    const { events, cursor, pending } = await this.events.readOf(workspace.id, id, query.after ?? null, query.limit);
    return { items: events, cursor, pending };
  }

  @Delete(':id')
  @HttpCode(204)
  @Documented({
    id: 'deleteVolume',
    summary: 'Delete a volume with its data, on its host too, now or when the host is back; refused while a run uses it',
    status: 204,
    problems: ['not-found', 'conflict'],
  })
  delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Param('id', { schema: idParamSchema }) volumeId: string,
  ): Promise<void> {
    return this.change.delete({ workspaceId: workspace.id, volumeId, actor: caller.actor });
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no volume ${id}.`);
