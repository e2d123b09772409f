/** One address: what the api does not serve itself is the console's. */

import { BerthError, toProblem } from '@berth/shared/errors/problem';
import httpProxy from '@fastify/http-proxy';
import type { FastifyInstance } from 'fastify';
import { pathOf, sendProblem } from './problem.filter.ts';

/** Ours: a wrong address below these is a problem, not a page of the console. */
const OURS = /^\/(?:v1|api|docs|openapi\.json|install\.sh|metrics|healthz|readyz)(?:\/|$)/;

export function registerConsole(server: FastifyInstance, upstream: string | undefined): void {
  if (upstream === undefined) {
    server.get('/', async (_request, reply) => {
      reply.type('text/plain; charset=utf-8');
      return 'This is the API of Berth; there is no console at this address (CONSOLE_URL is not set). The API is described at /docs.\n';
    });
    return;
  }
  server.register(async (scope) => {
    // Bodies are passed on as they are: the proxy brings parsers of its own.
    scope.removeAllContentTypeParsers();
    scope.register(httpProxy, {
      upstream,
      // The console only shows pages; whatever changes something goes to /v1 or /api/auth.
      httpMethods: ['GET', 'HEAD', 'POST'],
      preHandler: (request, reply, done) => {
        const path = pathOf(request.url);
        if (!OURS.test(path)) return done();
        sendProblem(reply, toProblem(new BerthError('not-found', `There is no ${request.method} ${path}.`)));
      },
      replyOptions: {
        // The session's cookie and tokens are for the api: the console's server needs neither.
        rewriteRequestHeaders: (request, headers) => {
          const { cookie: _cookie, authorization: _authorization, ...rest } = headers;
          return { ...rest, 'x-forwarded-host': request.headers.host, 'x-forwarded-proto': request.protocol };
        },
        onError: (reply) => {
          const detail = 'The console is starting or has stopped; try again in a moment.';
          sendProblem(reply, toProblem(new BerthError('unavailable', detail)));
        },
      },
    });
  });
}
