/** A host leaves the workspace; what ran there is lost to Berth, or placed elsewhere where it may be, and its agent is refused. */
import { Injectable } from '@nestjs/common';
import { HostRepository } from '../persistence/host-repository.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { hostTopics, runTopics, Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class RemoveHostCommand {
  constructor(
    private readonly hosts: HostRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  async execute(workspaceId: string, hostId: string, actor: string): Promise<void> {
    const released = await this.hosts.remove(workspaceId, hostId, actor);
    this.wakeups.notify(`events:${workspaceId}`, ...released.flatMap(({ runId }) => [...runTopics(runId), `log:${runId}` as const]));
    // Its session finds the host removed, and refuses the agent.
    this.wakeups.notify(...hostTopics([hostId]));
    void this.queues.wakePlacement(workspaceId);
  }
}
