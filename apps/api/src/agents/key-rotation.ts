/**
 * Another key for a host: its agent makes it and signs it with the present one, the api accepts both, the agent takes it into use and
 * shows it with its next hello, and the old one is worth nothing from then on. Wherever that is cut off, the agent has a key that is accepted.
 */
import { BerthError } from '@berth/shared/errors/problem';
import { keyChangeText } from '@berth/shared/protocol/agent';
import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { canonicalKey, isSignedBy } from '../auth/host-keys.ts';
import { ENV, type Env } from '../config/env.ts';
import { HostKeyRepository } from '../persistence/host-key-repository.ts';
import { SessionRepository } from '../persistence/session-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';
import { type CalledHost, HostCalls } from './host-calls.ts';

@Injectable()
export class KeyRotation implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('KeyRotation');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keys: HostKeyRepository,
    private readonly sessions: SessionRepository,
    private readonly calls: HostCalls,
    private readonly wakeups: Wakeups,
    @Inject(ENV) private readonly env: Env,
  ) {}

  onApplicationBootstrap(): void {
    const { KEY_MAX_AGE_DAYS: days, KEY_LOOK_SECONDS: seconds } = this.env;
    if (days > 0) this.timer = setInterval(() => void this.rotateOld(days), seconds * 1000);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Throws BerthError: `unavailable` where its agent does not answer, `conflict` where it is too old or the key is not its own. */
  async rotate(workspaceId: string, host: CalledHost, actor: string | null): Promise<void> {
    const known = await this.sessions.find(host.hostId);
    if (!known) throw new BerthError('not-found', `There is no host ${host.hostId}.`);
    const made = await this.calls.call<'key.make'>(host, '', { name: 'key.make' });
    const publicKey = canonicalKey(made.publicKey);
    const present = [known.publicKey, known.nextPublicKey].filter((key) => key !== null);
    const text = keyChangeText(host.hostId, made.publicKey);
    if (publicKey === null || !present.some((key) => isSignedBy(key, text, made.signature))) {
      throw new BerthError('conflict', `The agent of ${host.hostName} gave a key that it did not sign with its present one.`);
    }
    await this.keys.offer(workspaceId, host.hostId, publicKey, actor);
    this.wakeups.notify(`events:${workspaceId}`);
    await this.calls.call<'key.use'>(host, '', { name: 'key.use', publicKey: made.publicKey });
  }

  private async rotateOld(days: number): Promise<void> {
    try {
      for (const host of await this.keys.claimOld(days)) await this.rotate(host.workspaceId, host, null);
    } catch (error) {
      // Asked again once the claim is over.
      this.log.warn(`cannot replace old keys now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
