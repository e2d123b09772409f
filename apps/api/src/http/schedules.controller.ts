import { BerthError } from '@berth/shared/errors/problem';
import { eventPageSchema } from '@berth/shared/events/event';
import { pageSchema } from '@berth/shared/http/lists';
import { type Run, runSchema } from '@berth/shared/model/run';
import {
  type CreateSchedule,
  createScheduleSchema,
  type Schedule,
  type ScheduleStarts,
  scheduleSchema,
  scheduleStartsSchema,
  type UpdateSchedule,
  updateScheduleSchema,
} from '@berth/shared/model/schedule';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import { ChangeScheduleCommand } from '../commands/change-schedule.ts';
import { CreateScheduleCommand } from '../commands/create-schedule.ts';
import { RunScheduleNowCommand } from '../commands/run-schedule-now.ts';
import { EventRepository } from '../persistence/event-repository.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { ScheduleRepository } from '../persistence/schedule-repository.ts';
import { Claim } from './claim.decorator.ts';
import { Conditional, Documented, InWorkspace, Repeatable } from './documented.ts';
import { IfMatch, setEtag } from './if-match.decorator.ts';
import { toPage } from './page.ts';
import { Caller, Workspace } from './principal.decorators.ts';
import { dryRunQuery, idParamSchema, namedQuery, pageQuery, resourceEventsQuery } from './queries.ts';

@ApiTags('schedules')
@InWorkspace()
@Controller('v1/workspaces/:workspace/schedules')
export class SchedulesController {
  constructor(
    private readonly createSchedule: CreateScheduleCommand,
    private readonly changeSchedule: ChangeScheduleCommand,
    private readonly runScheduleNow: RunScheduleNowCommand,
    private readonly schedules: ScheduleRepository,
    private readonly runs: RunRepository,
    private readonly events: EventRepository,
  ) {}

  @Post()
  @Repeatable()
  @Documented({
    id: 'createSchedule',
    summary: 'Start a container by cron; with ?dryRun=true, say when the next five starts would be and store nothing',
    status: 201,
    answer: scheduleSchema,
    also: { status: 200, description: 'With dryRun: the next starts', answer: scheduleStartsSchema },
    problems: ['invalid-request', 'conflict', 'refused-by-hosts', 'idempotency-key-reused'],
  })
  async create(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Query({ schema: dryRunQuery }) query: z.infer<typeof dryRunQuery>,
    @Body({ schema: createScheduleSchema }) body: CreateSchedule,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Schedule | ScheduleStarts> {
    if (query.dryRun) {
      reply.code(200);
      return this.createSchedule.startsOf(body);
    }
    const schedule = await this.createSchedule.execute(workspace, caller.actor, body, claim);
    reply.header('location', `/v1/workspaces/${workspace.slug}/schedules/${schedule.metadata.id}`);
    setEtag(reply, schedule);
    return schedule;
  }

  @Get()
  @Documented({
    id: 'listSchedules',
    summary: 'List schedules, newest first',
    answer: pageSchema(scheduleSchema),
    problems: ['invalid-request'],
  })
  async list(@Workspace() workspace: WorkspaceRef, @Query({ schema: namedQuery }) query: z.infer<typeof namedQuery>) {
    const cursor = await this.events.head(workspace.id);
    const { limit, name, label, cursor: before } = query;
    return toPage(await this.schedules.list(workspace.id, { limit, name, label, before }), limit, cursor);
  }

  @Get(':id')
  @Documented({ id: 'getSchedule', summary: 'Read a schedule', answer: scheduleSchema, problems: ['not-found'] })
  async get(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Schedule> {
    const schedule = await this.schedules.get(workspace.id, id);
    if (!schedule) throw notFound(id);
    setEtag(reply, schedule);
    return schedule;
  }

  @Patch(':id')
  @Conditional()
  @Documented({
    id: 'updateSchedule',
    summary: 'Change a schedule: its whole spec, its labels, or both',
    answer: scheduleSchema,
    problems: ['invalid-request', 'not-found', 'precondition-failed', 'refused-by-hosts'],
  })
  async update(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) scheduleId: string,
    @Body({ schema: updateScheduleSchema }) body: UpdateSchedule,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Schedule> {
    const schedule = await this.changeSchedule.update({ workspaceId: workspace.id, scheduleId, actor: caller.actor, ifMatch }, body);
    setEtag(reply, schedule);
    return schedule;
  }

  @Post(':id/run-now')
  @Repeatable()
  @Documented({
    id: 'runScheduleNow',
    summary: 'Start a run of a schedule now, paused or not; its cron stays as it is',
    status: 201,
    answer: runSchema,
    problems: ['not-found', 'conflict', 'host-port-taken', 'refused-by-hosts'],
  })
  async runNow(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @Param('id', { schema: idParamSchema }) scheduleId: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Run> {
    const run = await this.runScheduleNow.execute({ workspace, scheduleId, actor: caller.actor, claim });
    reply.header('location', `/v1/workspaces/${workspace.slug}/runs/${run.metadata.id}`);
    return run;
  }

  @Post(':id/pause')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'pauseSchedule',
    summary: 'Start nothing by itself until it is resumed; what runs goes on',
    answer: scheduleSchema,
    problems: ['not-found', 'precondition-failed'],
  })
  pause(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) scheduleId: string,
  ): Promise<Schedule> {
    return this.changeSchedule.pause({ workspaceId: workspace.id, scheduleId, actor: caller.actor, ifMatch, claim }, true);
  }

  @Post(':id/resume')
  @HttpCode(200)
  @Repeatable()
  @Conditional()
  @Documented({
    id: 'resumeSchedule',
    summary: 'Go on with the next time from now; those that passed meanwhile are not made up for',
    answer: scheduleSchema,
    problems: ['not-found', 'precondition-failed'],
  })
  resume(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @Claim() claim: IdempotencyClaim | undefined,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) scheduleId: string,
  ): Promise<Schedule> {
    return this.changeSchedule.pause({ workspaceId: workspace.id, scheduleId, actor: caller.actor, ifMatch, claim }, false);
  }

  @Get(':id/runs')
  @Documented({
    id: 'listScheduleRuns',
    summary: 'The runs that a schedule started and that are kept, newest first',
    answer: pageSchema(runSchema),
    problems: ['not-found'],
  })
  async listRuns(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: pageQuery }) query: z.infer<typeof pageQuery>,
  ) {
    if (!(await this.schedules.get(workspace.id, id))) throw notFound(id);
    const cursor = await this.events.head(workspace.id);
    const items = await this.runs.list(workspace.id, { limit: query.limit, past: query.cursor, schedule: id });
    return toPage(items, query.limit, cursor);
  }

  @Get(':id/events')
  @Documented({
    id: 'listScheduleEvents',
    summary: 'What happened to a schedule: each start, each time without one, each change; oldest first',
    answer: eventPageSchema,
    problems: ['not-found', 'cursor-expired'],
  })
  async listEvents(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: resourceEventsQuery }) query: z.infer<typeof resourceEventsQuery>,
  ) {
    if (!(await this.schedules.get(workspace.id, id))) throw notFound(id);
    const { events, cursor, pending } = await this.events.readOf(workspace.id, id, query.after ?? null, query.limit);
    return { items: events, cursor, pending };
  }

  @Delete(':id')
  @HttpCode(204)
  @Conditional()
  @Documented({
    id: 'deleteSchedule',
    summary: 'Delete a schedule: it starts nothing more; the runs that it started stay',
    status: 204,
    problems: ['not-found', 'precondition-failed'],
  })
  async delete(
    @Workspace() workspace: WorkspaceRef,
    @Caller() caller: Principal,
    @IfMatch() ifMatch: string | undefined,
    @Param('id', { schema: idParamSchema }) scheduleId: string,
  ): Promise<void> {
    await this.changeSchedule.remove({ workspaceId: workspace.id, scheduleId, actor: caller.actor, ifMatch });
  }
}

const notFound = (id: string) => new BerthError('not-found', `There is no schedule ${id}.`);
