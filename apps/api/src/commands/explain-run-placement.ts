/** Why a run is where it is, or is nowhere yet. */
import { BerthError } from '@berth/shared/errors/problem';
import type { RunPlacement } from '@berth/shared/http/run-placement';
import { Injectable } from '@nestjs/common';
import { PlacementRepository } from '../persistence/placement-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import { explainNow } from '../planning/scheduler/explain-now.ts';

@Injectable()
export class ExplainRunPlacementCommand {
  constructor(
    private readonly placements: PlacementRepository,
    private readonly runs: RunRepository,
  ) {}

  async execute(workspaceId: string, runId: string, { limit, offset }: { limit: number; offset: number }): Promise<RunPlacement> {
    const waits = await this.placements.snapshotOf(workspaceId, runId);
    if (waits) {
      const { message, hosts } = explainNow(waits.run, { ...waits.snapshot, now: new Date() });
      const next = offset + limit < hosts.length ? offset + limit : null;
      return { live: true, message, hosts: hosts.slice(offset, offset + limit), considered: hosts.length, next };
    }
    const run = await this.runs.get(workspaceId, runId);
    if (!run) throw new BerthError('not-found', `There is no run ${runId}.`);
    const placement = run.status.attempts.at(-1)?.placement;
    if (!placement) return { live: false, message: run.status.message, hosts: [], considered: 0, next: null };
    const next = offset + limit < placement.hosts.length ? offset + limit : null;
    return { live: false, ...placement, hosts: placement.hosts.slice(offset, offset + limit), next };
  }
}
