/** `If-Match: "<resourceVersion>"` of a change; absent: whatever the version is. */
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): string | undefined => {
  const value = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  if (value === undefined || value === '*') return undefined;
  return value.replace(/^(?:W\/)?"(.*)"$/, '$1');
});

export function setEtag(reply: FastifyReply, resource: { metadata: { resourceVersion: string } }): void {
  reply.header('etag', `"${resource.metadata.resourceVersion}"`);
}
