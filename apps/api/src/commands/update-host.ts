/** Renames a host, changes its labels, keeps new runs from it, or lets a new one in. What runs there goes on. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Host, UpdateHost } from '@berth/shared/model/host';
import { Injectable } from '@nestjs/common';
import { type HostChange, HostRepository } from '../persistence/host-repository.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class UpdateHostCommand {
  constructor(
    private readonly hosts: HostRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  execute(change: HostChange, update: UpdateHost): Promise<Host> {
    return this.changed(change, this.hosts.update(change, update));
  }

  /** Approved already: nothing changes. */
  approve(change: HostChange): Promise<Host> {
    return this.changed(change, this.hosts.approve(change));
  }

  private async changed(change: HostChange, writing: Promise<boolean>): Promise<Host> {
    if (await writing) {
      this.wakeups.notify(`events:${change.workspaceId}`);
      // What waited for this host, or no longer can, is placed or has another sentence to show.
      void this.queues.wakePlacement(change.workspaceId);
    }
    const host = await this.hosts.get(change.workspaceId, change.hostId);
    if (!host) throw new BerthError('not-found', `There is no host ${change.hostId}.`);
    return host;
  }
}
