/** Makes, changes and deletes secrets. A new value reaches runs that are made from now on: those that are there keep the version that they have. */
import { BerthError } from '@berth/shared/errors/problem';
import { newId } from '@berth/shared/model/ids';
import type { CreateSecret, Secret, SecretKey, UpdateSecret } from '@berth/shared/model/secret';
import { Injectable } from '@nestjs/common';
import type { WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { MasterKeys } from '../persistence/master-keys.ts';
import { type SecretChange, SecretRepository } from '../persistence/secret-repository.ts';
import { Wakeups } from '../realtime/wakeups.ts';

@Injectable()
export class ChangeSecretCommand {
  constructor(
    private readonly secrets: SecretRepository,
    private readonly masters: MasterKeys,
    private readonly wakeups: Wakeups,
  ) {}

  async create(workspace: WorkspaceRef, actor: string, { metadata, spec }: CreateSecret, claim?: IdempotencyClaim): Promise<Secret> {
    const id = newId('secret');
    const { name, labels = {} } = metadata;
    const { value, visible = false } = spec;
    // The fingerprint of the request is kept, and with it a weak value could be guessed: only who has the key can compare it.
    const keyed = claim && { ...claim, requestHash: this.masters.digest(claim.requestHash) };
    const earlier = await this.secrets.insert({ id, workspaceId: workspace.id, name, labels, visible, value, actor }, keyed);
    if (!earlier) this.wakeups.notify(`events:${workspace.id}`);
    const secret = await this.secrets.get(workspace.id, earlier?.resourceId ?? id);
    if (!secret) throw new BerthError('not-found', 'The secret that this Idempotency-Key made was deleted.');
    return secret;
  }

  async update(change: SecretChange, { metadata, spec }: UpdateSecret): Promise<Secret> {
    await this.secrets.update(change, { labels: metadata?.labels, value: spec?.value });
    this.wakeups.notify(`events:${change.workspaceId}`);
    const secret = await this.secrets.get(change.workspaceId, change.id);
    if (!secret) throw new BerthError('not-found', `There is no secret ${change.id}.`);
    return secret;
  }

  async delete(change: SecretChange, forced: boolean): Promise<void> {
    await this.secrets.delete(change, forced);
    this.wakeups.notify(`events:${change.workspaceId}`);
  }

  async destroyVersion(change: SecretChange, number: number, forced: boolean): Promise<void> {
    await this.secrets.destroyVersion(change, number, forced);
    this.wakeups.notify(`events:${change.workspaceId}`);
  }

  replaceKey(workspaceId: string): Promise<SecretKey> {
    return this.secrets.replaceKey(workspaceId);
  }
}
