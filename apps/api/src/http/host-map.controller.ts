/** All hosts of a workspace at a glance. */
import { type HostMap, type HostTotals, hostMapSchema, hostTotalsSchema } from '@berth/shared/model/host-map';
import { totalsOf } from '@berth/shared/model/host-totals';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import type { WorkspaceRef } from '../auth/principal.ts';
import { HostMapRepository } from '../persistence/host-map-repository.ts';
import { Documented, InWorkspace } from './documented.ts';
import { Workspace } from './principal.decorators.ts';
import { hostMapQuery } from './queries.ts';

@ApiTags('hosts')
@InWorkspace()
@Controller('v1/workspaces/:workspace/hosts')
export class HostMapController {
  constructor(private readonly hosts: HostMapRepository) {}

  @Get('map')
  @Documented({
    id: 'readHostMap',
    summary:
      'All hosts at a glance, with what they have, what is reserved and used of it, and the totals; in the order in which they joined',
    answer: hostMapSchema,
    problems: ['invalid-request'],
  })
  async map(@Workspace() workspace: WorkspaceRef, @Query({ schema: hostMapQuery }) query: z.infer<typeof hostMapQuery>): Promise<HostMap> {
    const items = await this.hosts.cells(workspace.id, query);
    return { items, totals: totalsOf(items) };
  }

  @Get('totals')
  @Documented({
    id: 'readHostTotals',
    summary: 'How many hosts there are and how many are ready, and the sums of what they have, what is reserved and what is used',
    answer: hostTotalsSchema,
    problems: ['invalid-request'],
  })
  async totals(
    @Workspace() workspace: WorkspaceRef,
    @Query({ schema: hostMapQuery }) query: z.infer<typeof hostMapQuery>,
  ): Promise<HostTotals> {
    return totalsOf(await this.hosts.cells(workspace.id, query));
  }
}
