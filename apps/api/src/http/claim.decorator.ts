/** The Idempotency-Key of a POST, with the fingerprint of the request that it stands for. */
import { createHash } from 'node:crypto';
import { BerthError } from '@berth/shared/errors/problem';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { IdempotencyClaim } from '../persistence/idempotency-repository.ts';

export const Claim = createParamDecorator((_: unknown, context: ExecutionContext): IdempotencyClaim | undefined => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    const message = 'must be 1 to 255 printable ASCII characters without spaces';
    throw new BerthError('invalid-request', `Idempotency-Key: ${message}`, { errors: [{ path: 'Idempotency-Key', message }] });
  }
  const requestHash = createHash('sha256')
    .update(`${request.method}\n${request.url}\n${JSON.stringify(request.body ?? {})}`)
    .digest('hex');
  return { key, requestHash };
});
