/** Secrets in manifests. A value is compared with the latest, never shown, and stays where a manifest does not name it. */
import { BerthError } from '@berth/shared/errors/problem';
import { createSecretSchema, type Secret } from '@berth/shared/model/secret';
import { Injectable } from '@nestjs/common';
import { SecretRepository } from '../../persistence/secret-repository.ts';
import { SecretValues } from '../../persistence/secret-values.ts';
import type { Present } from '../../planning/manifests/plan-apply.ts';
import { ChangeSecretCommand } from '../change-secret.ts';
import type { Caller, Desired, KindHandler, Reached } from './kind-handler.ts';

@Injectable()
export class SecretKind implements KindHandler {
  constructor(
    private readonly secrets: SecretRepository,
    private readonly values: SecretValues,
    private readonly changeSecret: ChangeSecretCommand,
  ) {}

  async find(workspaceId: string, name: string): Promise<Present | null> {
    return this.present(workspaceId, await this.secrets.named(workspaceId, name));
  }

  async get(workspaceId: string, id: string): Promise<Present | null> {
    return this.present(workspaceId, await this.secrets.get(workspaceId, id));
  }

  async list(workspaceId: string, limit: number): Promise<Present[]> {
    return (await this.secrets.list(workspaceId, { limit })).slice(0, limit).map(presentOf);
  }

  /** What its contract does not say is only whether the name is free, and that is known. */
  async check(): Promise<void> {}

  async explain(_caller: Caller, present: Present | undefined, { spec }: Desired): Promise<string | undefined> {
    if (!present) return undefined;
    if ((present.spec.visible === true) !== (spec.visible === true))
      throw new BerthError('conflict', 'A secret stays as visible as it was made.', {
        errors: [{ path: 'spec.visible', message: 'cannot be changed: delete the secret, or make another one' }],
      });
    if (spec.value === present.spec.value) return undefined;
    return 'A new value reaches what is started from then on; what runs keeps the version that it has.';
  }

  async create({ workspace, actor }: Caller, { name, labels, spec }: Desired): Promise<string> {
    return (await this.changeSecret.create(workspace, actor, createSecretSchema.parse({ metadata: { name, labels }, spec }))).metadata.id;
  }

  /** A value that is as it was is no new version. */
  async update({ workspace, actor }: Caller, { id, version, spec: before }: Present, { labels, spec }: Desired): Promise<void> {
    const { value } = spec;
    const change = { workspaceId: workspace.id, id, actor, ifMatch: version };
    const other = typeof value === 'string' && value !== before.value && { spec: { value } };
    await this.changeSecret.update(change, { metadata: { labels }, ...other });
  }

  async delete({ workspace, actor }: Caller, { id }: Present): Promise<void> {
    await this.changeSecret.delete({ workspaceId: workspace.id, id, actor }, false);
  }

  /** It is ready with its row. */
  async reached(): Promise<Reached> {
    return { state: 'yes' };
  }

  private async present(workspaceId: string, secret: Secret | null): Promise<Present | null> {
    if (!secret) return null;
    const [latest] = await this.values.resolve(workspaceId, [{ secret: secret.metadata.name, version: secret.status.version }]);
    const present = presentOf(secret);
    return latest?.value == null ? present : { ...present, spec: { ...present.spec, value: latest.value } };
  }
}

function presentOf({ metadata, spec }: Secret): Present {
  const { id, name, labels, resourceVersion: version } = metadata;
  return {
    id,
    name,
    version,
    labels,
    spec: { ...(spec.visible && { visible: true }), ...(spec.value !== undefined && { value: spec.value }) },
  };
}
