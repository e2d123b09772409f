/** A host lets go of its runs, and takes no new one; or takes them again. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Host } from '@berth/shared/model/host';
import { Injectable } from '@nestjs/common';
import { type DrainChange, DrainRepository } from '../persistence/drain-repository.ts';
import { HostRepository } from '../persistence/host-repository.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class DrainHostCommand {
  constructor(
    private readonly drains: DrainRepository,
    private readonly hosts: HostRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  /** Returns the host as it is now; its runs follow. What was stopped before a drain is cancelled moves all the same. */
  async execute(change: DrainChange, draining: boolean): Promise<Host> {
    if (await this.drains.set(change, draining)) {
      this.wakeups.notify(`events:${change.workspaceId}`);
      // Room came or went.
      void this.queues.wakePlacement(change.workspaceId);
    }
    const host = await this.hosts.get(change.workspaceId, change.hostId);
    if (!host) throw new BerthError('not-found', `There is no host ${change.hostId}.`);
    return host;
  }
}
