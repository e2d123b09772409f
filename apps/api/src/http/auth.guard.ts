/** Every route but the public ones: who is it (401), and may it see this workspace (404, law L9). */
import { BerthError } from '@berth/shared/errors/problem';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Authenticator, workspaceFor } from '../auth/principal.ts';
import { ENV, type Env } from '../config/env.ts';
import { PUBLIC } from './principal.decorators.ts';

type WorkspaceRequest = FastifyRequest<{ Params: { workspace?: string } }>;

@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
    @Inject(ENV) private readonly env: Env,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean | undefined>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest<WorkspaceRequest>();
    const principal = await this.authenticator.authenticate({ headers: request.headers });
    if (!principal) throw new BerthError('unauthenticated', unauthenticatedDetail(request));
    if (principal.kind === 'user') refuseForeignOrigin(request, new URL(this.env.PUBLIC_URL).host);
    request.principal = principal;
    const slug = request.params.workspace;
    if (slug !== undefined) {
      const workspace = workspaceFor(principal, slug);
      if (!workspace) throw new BerthError('not-found', `There is no workspace "${slug}" that you can see.`);
      request.workspace = workspace;
    }
    return true;
  }
}

function unauthenticatedDetail(request: FastifyRequest): string {
  if (request.headers.authorization !== undefined) return 'The token is not valid: it is wrong, was revoked or has passed its end.';
  return 'Sign in, or send "Authorization: Bearer <token>".';
}

/** A cookie travels with requests that other sites cause; a change by cookie must come from our own pages (CSRF). */
function refuseForeignOrigin(request: FastifyRequest, publicHost: string): void {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { origin } = request.headers;
  const same =
    origin === undefined
      ? request.headers['sec-fetch-site'] === 'same-origin'
      : URL.canParse(origin) && [request.headers.host, publicHost].includes(new URL(origin).host);
  if (!same) throw new BerthError('forbidden', 'A change with a session cookie must come from the console itself; use a token elsewhere.');
}
