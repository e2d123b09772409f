/** An API token of the workspace, made by better-auth, which keeps only its hash. */
import { BerthError } from '@berth/shared/errors/problem';
import type { CreatedToken, CreateToken } from '@berth/shared/model/token';
import { Inject, Injectable } from '@nestjs/common';
import { AUTH, type Auth } from '../auth/better-auth.ts';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { TokenRepository } from '../persistence/token-repository.ts';
import { WorkspaceRepository } from '../persistence/workspace-repository.ts';

@Injectable()
export class CreateTokenCommand {
  constructor(
    @Inject(AUTH) private readonly auth: Auth,
    private readonly tokens: TokenRepository,
    private readonly workspaces: WorkspaceRepository,
  ) {}

  async execute(workspace: WorkspaceRef, caller: Principal, body: CreateToken, claim?: IdempotencyClaim): Promise<CreatedToken> {
    const earlier = claim && (await this.tokens.earlierAnswer(workspace.id, claim));
    if (earlier) return this.shown(workspace, earlier.resourceId, earlier.secret ?? '');
    // The plugin asks who may do this; a token acts for the owner of its workspace.
    const userId = caller.kind === 'user' ? caller.userId : await this.workspaces.ownerOf(workspace.id);
    if (userId === null) throw new BerthError('conflict', 'The workspace has no owner in whose name a token could be made.');
    const made = await this.auth.api.createApiKey({
      body: { organizationId: workspace.id, userId, name: body.metadata?.name, expiresIn: body.spec?.expiresInSeconds },
    });
    const first = claim && (await this.tokens.claim(workspace.id, claim, made.id, made.key));
    if (!first) return this.shown(workspace, made.id, made.key);
    await this.tokens.delete(workspace.id, made.id);
    return this.shown(workspace, first.resourceId, first.secret ?? '');
  }

  private async shown(workspace: WorkspaceRef, id: string, token: string): Promise<CreatedToken> {
    const resource = await this.tokens.get(workspace.id, id);
    if (!resource) throw new BerthError('not-found', `There is no token ${id}; it was deleted.`);
    return { resource, token };
  }
}
