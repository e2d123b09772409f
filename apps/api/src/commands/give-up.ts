/** A person says that a host of which nothing is heard is gone: what waits for it ends as lost, or is placed elsewhere. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Host } from '@berth/shared/model/host';
import type { Run } from '@berth/shared/model/run';
import { Injectable } from '@nestjs/common';
import { Liveness } from '../agents/liveness.ts';
import { HostRepository } from '../persistence/host-repository.ts';
import { type GoneHost, LossRepository } from '../persistence/loss-repository.ts';
import { RunRepository } from '../persistence/run-repository.ts';
import type { RunChange } from '../persistence/run-writes.ts';

@Injectable()
export class GiveUpCommand {
  constructor(
    private readonly losses: LossRepository,
    private readonly liveness: Liveness,
    private readonly hosts: HostRepository,
    private readonly runs: RunRepository,
  ) {}

  /** With everything on it. Should its agent come back all the same, it stops that first. */
  async host(gone: GoneHost): Promise<Host> {
    await this.losses.declareGone(gone);
    await this.liveness.settle([gone.hostId]);
    await this.liveness.judgeLosses();
    const host = await this.hosts.get(gone.workspaceId, gone.hostId);
    if (!host) throw new BerthError('not-found', `There is no host ${gone.hostId}.`);
    return host;
  }

  /** One run only; the host stays what it is. */
  async run(change: RunChange): Promise<Run> {
    this.liveness.tellReleased(await this.losses.giveUpRun(change));
    const run = await this.runs.get(change.workspaceId, change.runId);
    if (!run) throw new BerthError('not-found', `There is no run ${change.runId}.`);
    return run;
  }
}
