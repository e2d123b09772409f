/** What the auth guard put on the request, as parameters of a handler. */
import { BerthError } from '@berth/shared/errors/problem';
import { createParamDecorator, type ExecutionContext, SetMetadata } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Principal, WorkspaceRef } from '../auth/principal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal?: Principal;
    workspace?: WorkspaceRef;
  }
}

export const PUBLIC = 'berth:public';
/** The route asks for no credentials. */
export const Public = () => SetMetadata(PUBLIC, true);

const requestOf = (context: ExecutionContext) => context.switchToHttp().getRequest<FastifyRequest>();

/** The workspace of the address, which the caller may see. */
export const Workspace = createParamDecorator((_: unknown, context: ExecutionContext): WorkspaceRef => {
  const { workspace } = requestOf(context);
  if (!workspace) throw new BerthError('not-found', 'There is no such workspace.');
  return workspace;
});

export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = requestOf(context);
  if (!principal) throw new BerthError('unauthenticated', 'Sign in, or send "Authorization: Bearer <token>".');
  return principal;
});
