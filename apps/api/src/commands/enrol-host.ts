/** A machine becomes a host: its agent shows a join token and its public key. */
import { BerthError } from '@berth/shared/errors/problem';
import type { EnrolRequest, EnrolResponse } from '@berth/shared/protocol/agent';
import { Injectable } from '@nestjs/common';
import { canonicalKey } from '../auth/host-keys.ts';
import { hashOf } from '../auth/secret-hash.ts';
import { JoinTokenRepository } from '../persistence/join-token-repository.ts';
import { WorkQueues } from '../queues/work-queues.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class EnrolHostCommand {
  constructor(
    private readonly joinTokens: JoinTokenRepository,
    private readonly queues: WorkQueues,
    private readonly wakeups: Wakeups,
  ) {}

  /** Repeating it with the same key returns the same host. */
  async execute({ joinToken, publicKey, name, facts }: EnrolRequest): Promise<EnrolResponse> {
    const key = canonicalKey(publicKey);
    if (key === null) {
      const message = 'must be an ed25519 public key, SPKI, PEM';
      throw new BerthError('invalid-request', `publicKey: ${message}`, { errors: [{ path: 'publicKey', message }] });
    }
    const enrolled = await this.joinTokens.enrol({ joinTokenHash: hashOf(joinToken), publicKey: key, name, facts });
    if (enrolled.isNew) {
      this.wakeups.notify(`events:${enrolled.workspaceId}`);
      // Runs that waited for any host at all now have another sentence to show.
      void this.queues.wakePlacement(enrolled.workspaceId);
    }
    return { hostId: enrolled.hostId, hostName: enrolled.hostName, workspace: enrolled.workspace };
  }
}
