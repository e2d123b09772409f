import { berthEventSchema } from '@berth/shared/events/event';
import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { WorkspaceRef } from '../auth/principal.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Workspace } from './principal.decorators.ts';
import { eventsQuery } from './queries.ts';
import { ServerSentEvents } from './server-sent-events.ts';

const eventPageSchema = z.strictObject({ items: z.array(berthEventSchema), cursor: z.string(), pending: z.boolean() });

@ApiTags('events')
@InWorkspace()
@Controller('v1/workspaces/:workspace/events')
export class EventsController {
  constructor(
    private readonly events: EventRepository,
    private readonly sse: ServerSentEvents,
  ) {}

  @Get()
  @Documented({
    id: 'listEvents',
    summary: 'What happened in the workspace, oldest first; with ?watch=true, as it happens (server-sent events)',
    answer: eventPageSchema,
    problems: ['invalid-request', 'cursor-expired'],
  })
  async list(
    @Workspace() workspace: WorkspaceRef,
    @Query({ schema: eventsQuery }) query: z.infer<typeof eventsQuery>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (query.watch === 'true') return this.sse.send(request, reply, workspace.id, query.after);
    const { events, cursor, pending } = await this.events.read(workspace.id, query.after ?? null, query.limit);
    reply.send({ items: events, cursor, pending });
  }
}
