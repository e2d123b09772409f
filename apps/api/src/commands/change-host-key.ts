/** Another key for a host, or none: then its agent is refused for good. */
import { BerthError } from '@berth/shared/errors/problem';
import type { Host } from '@berth/shared/model/host';
import { Injectable } from '@nestjs/common';
import { KeyRotation } from '../agents/key-rotation.ts';
import { HostKeyRepository } from '../persistence/host-key-repository.ts';
import { type HostChange, HostRepository } from '../persistence/host-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class ChangeHostKeyCommand {
  constructor(
    private readonly hosts: HostRepository,
    private readonly keys: HostKeyRepository,
    private readonly rotation: KeyRotation,
    private readonly wakeups: Wakeups,
  ) {}

  async rotate({ workspaceId, hostId, actor }: HostChange): Promise<Host> {
    const host = await this.read(workspaceId, hostId);
    if (host.status.key.revokedAt) throw new BerthError('conflict', 'The key of the host was revoked: enrol the machine anew.');
    await this.rotation.rotate(workspaceId, { hostId, hostName: host.metadata.name }, actor);
    return this.read(workspaceId, hostId);
  }

  async revoke(change: HostChange): Promise<Host> {
    if (await this.keys.revoke(change)) {
      // The session finds that it is none any more; the agent that dials again is refused, and told why.
      this.wakeups.notify(`events:${change.workspaceId}`, `host:${change.hostId}`);
    }
    return this.read(change.workspaceId, change.hostId);
  }

  private async read(workspaceId: string, hostId: string): Promise<Host> {
    const host = await this.hosts.get(workspaceId, hostId);
    if (!host) throw new BerthError('not-found', `There is no host ${hostId}.`);
    return host;
  }
}
