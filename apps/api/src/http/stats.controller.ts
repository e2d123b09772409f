/** What runs use, now and before. */
import { BerthError } from '@berth/shared/errors/problem';
import {
  type RunStats,
  runStatsSchema,
  type StatsQuery,
  statsQuerySchema,
  type WorkspaceStats,
  workspaceStatsSchema,
} from '@berth/shared/http/stats';
import { parseCpu, parseMemory } from '@berth/shared/model/quantity';
import type { Run } from '@berth/shared/model/run';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { WorkspaceRef } from '../auth/principal.ts';
import { HostRepository } from '../persistence/host-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { SampleRepository, stepFor } from '../persistence/sample-repository.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Workspace } from './principal.decorators.ts';
import { idParamSchema } from './queries.ts';

/** Of the table of all runs. */
const LATEST = { minutes: 5, runs: 200 } as const;

@ApiTags('runs')
@InWorkspace()
@Controller('v1/workspaces/:workspace')
export class StatsController {
  constructor(
    private readonly runs: RunRepository,
    private readonly hosts: HostRepository,
    private readonly samples: SampleRepository,
  ) {}

  @Get('runs/:id/stats')
  @Documented({
    id: 'readRunStats',
    summary: 'What a run used: processor, memory, network, disk and processes, while it runs and after its end',
    answer: runStatsSchema,
    problems: ['not-found', 'invalid-request'],
  })
  async ofRun(
    @Workspace() workspace: WorkspaceRef,
    @Param('id', { schema: idParamSchema }) id: string,
    @Query({ schema: statsQuerySchema }) query: StatsQuery,
  ): Promise<RunStats> {
    const run = await this.runs.get(workspace.id, id);
    if (!run) throw new BerthError('not-found', `There is no run ${id}.`);
    const now = new Date();
    const first = run.status.attempts[0]?.createdAt ?? run.metadata.createdAt;
    const since = new Date(query.since ?? first);
    const until = new Date(query.until ?? now);
    const step = query.step ?? stepFor(since, query.until === undefined ? lastOf(run, since, now) : until, now);
    const host = run.status.hostId === null ? null : await this.hosts.get(workspace.id, run.status.hostId);
    const { cpu, memory } = run.spec.resources ?? {};
    return {
      step,
      limits: {
        cpuMillis: cpu === undefined ? null : parseCpu(cpu),
        memoryBytes: memory === undefined ? null : parseMemory(memory),
        hostCpuMillis: host?.status.capacity.cpuMillis ?? null,
        hostMemoryBytes: host?.status.capacity.memoryBytes ?? null,
      },
      points: await this.samples.points(id, step, since, until),
    };
  }

  @Get('stats')
  @Documented({
    id: 'listStats',
    summary: 'What the runs of a workspace that run now have used in the last five minutes, of the newest 200',
    answer: workspaceStatsSchema,
  })
  async latest(@Workspace() workspace: WorkspaceRef): Promise<WorkspaceStats> {
    return { items: await this.samples.latest(workspace.id, LATEST.minutes, LATEST.runs) };
  }
}

/** Points are kept by our clock; how long a run that ended took, its host says by its own. */
function lastOf({ status: { startedAt, finishedAt } }: Run, since: Date, now: Date): Date {
  if (finishedAt === null) return now;
  return new Date(Math.min(now.getTime(), since.getTime() + Date.parse(finishedAt) - Date.parse(startedAt ?? finishedAt)));
}
