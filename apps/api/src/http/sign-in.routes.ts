/** better-auth at /api/auth/*: its own answers, under our limits and headers. */
import { BerthError, toProblem } from '@berth/shared/errors/problem';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { BetterAuthAuthenticator } from '../auth/authenticator.ts';
import { type Auth, CLIENT_IP_HEADER } from '../auth/better-auth.ts';
import { pathOf, sendProblem } from './problem.filter.ts';

export function registerSignIn(server: FastifyInstance, auth: Auth, authenticator: BetterAuthAuthenticator, publicUrl: string): void {
  server.route({
    method: ['GET', 'POST'],
    url: '/api/auth/*',
    handler: async (request, reply) => {
      const response = await auth.handler(toWebRequest(request, publicUrl));
      // Sign-out, another password, a member removed: what was known of anybody may be old now.
      if (request.method === 'POST') authenticator.forget();
      if (response.status === 404) {
        sendProblem(reply, toProblem(new BerthError('not-found', `There is no ${request.method} ${pathOf(request.url)}.`)));
        return reply;
      }
      return sendWebResponse(reply, response);
    },
  });
}

function toWebRequest(request: FastifyRequest, publicUrl: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, String(value));
  headers.set(CLIENT_IP_HEADER, request.ip);
  // The body was parsed already; its length may differ now.
  headers.delete('content-length');
  const body = request.method === 'POST' ? JSON.stringify(request.body ?? {}) : undefined;
  if (body !== undefined) headers.set('content-type', 'application/json');
  return new Request(new URL(request.url, publicUrl), { method: request.method, headers, body });
}

async function sendWebResponse(reply: FastifyReply, response: Response): Promise<FastifyReply> {
  reply.code(response.status);
  for (const [name, value] of response.headers) if (name !== 'set-cookie') reply.header(name, value);
  for (const cookie of response.headers.getSetCookie()) reply.header('set-cookie', cookie);
  reply.header('cache-control', 'no-store');
  return reply.send(response.body ? Buffer.from(await response.arrayBuffer()) : null);
}
