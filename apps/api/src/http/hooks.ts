/** What every request gets: an id, security headers, a measurement, and a line in the log where it was slow or failed. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Metrics } from '../observability/metrics.ts';
import { pathOf } from './problem.filter.ts';
import { takesInput, takesText } from './upload-types.ts';

const SLOW_MS = 1000;
const REQUEST_ID = /^[\w.:-]{1,128}$/;
/** Open as long as their client wants: their duration says nothing. */
const LONG = /\/wait$|\/apply$|\/files\/content$|[?&](?:watch|follow)=true/;

/** The client's own id where it sent one that can be logged. */
export function requestIdOf(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Many clients name the type where they have no body to send: that is no body, not a wrong one. Keys such as __proto__ are refused. */
export function acceptJsonOnly(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser('error', 'error');
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (takesInput(request)) done(null, body);
    else if (takesText(request)) done(null, body.toString());
    else if (body.length === 0) done(null, undefined);
    else parse(request, body.toString(), done);
  });
}

export function registerHooks(server: FastifyInstance, metrics: Metrics, logger: Logger, publicUrl: string): void {
  const headers = securityHeaders(publicUrl);
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    for (const [name, value] of headers) reply.header(name, value);
    done();
  });
  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const long = LONG.test(request.url) || LONG.test(pathOf(request.url));
    if (long) metrics.countLongResponse(route, reply.statusCode);
    else metrics.observeRequest(request.method, route, reply.statusCode, reply.elapsedTime / 1000);
    const slow = !long && reply.elapsedTime > SLOW_MS;
    const level = reply.statusCode >= 500 ? 'warn' : slow ? 'info' : 'debug';
    if (logger.isLevelEnabled(level)) {
      const { method, id, principal } = request;
      const milliseconds = Math.round(reply.elapsedTime);
      logger[level](
        { requestId: id, method, path: pathOf(request.url), status: reply.statusCode, milliseconds, actor: principal?.actor },
        'request',
      );
    }
    done();
  });
}

function securityHeaders(publicUrl: string): [string, string][] {
  // The console's framework and the API page start by inline scripts; nothing comes from elsewhere, and nobody may frame us.
  const policy = [
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
  return [
    ['content-security-policy', policy],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ...(publicUrl.startsWith('https:') ? [['strict-transport-security', 'max-age=31536000'] as [string, string]] : []),
  ];
}
