/** A join token lets machines enrol as hosts of the workspace. It is shown once; only its hash is kept. */
import { randomBytes } from 'node:crypto';
import { BerthError } from '@berth/shared/errors/problem';
import type { CreatedJoinToken, createJoinTokenSchema } from '@berth/shared/model/host';
import { newId } from '@berth/shared/model/ids';
import { Inject, Injectable } from '@nestjs/common';
import type { z } from 'zod';
import type { WorkspaceRef } from '../auth/principal.ts';
import { hashOf } from '../auth/secret-hash.ts';
import { ENV, type Env } from '../config/env.ts';
import { installLine } from '../install/agent-bundle.ts';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';
import { JoinTokenRepository } from '../persistence/join-token-repository.ts';

const DEFAULT_SECONDS = 3600;

@Injectable()
export class CreateJoinTokenCommand {
  constructor(
    private readonly joinTokens: JoinTokenRepository,
    @Inject(ENV) private readonly env: Env,
  ) {}

  async execute(workspace: WorkspaceRef, body: z.infer<typeof createJoinTokenSchema>, claim?: IdempotencyClaim): Promise<CreatedJoinToken> {
    const id = newId('joinToken');
    const token = `bjt_${randomBytes(32).toString('base64url')}`;
    const seconds = body.spec?.expiresInSeconds ?? DEFAULT_SECONDS;
    const earlier = await this.joinTokens.insert(
      {
        id,
        workspaceId: workspace.id,
        name: body.metadata?.name ?? id,
        labels: body.metadata?.labels ?? {},
        hash: hashOf(token),
        maxUses: body.spec?.maxUses === undefined ? 1 : body.spec.maxUses,
        expiresAt: new Date(Date.now() + seconds * 1000),
      },
      token,
      claim,
    );
    const resource = await this.joinTokens.get(workspace.id, earlier?.resourceId ?? id);
    if (!resource) throw new BerthError('not-found', `There is no join token ${earlier?.resourceId ?? id}.`);
    const shown = earlier?.secret ?? token;
    return { resource, token: shown, command: installLine(this.env.PUBLIC_URL, shown) };
  }
}
