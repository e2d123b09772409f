/** Whatever is thrown becomes problem+json (RFC 9457); this is the only place that knows how. */
import { BerthError, type Problem, toProblem } from '@berth/shared/errors/problem';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Interrupted } from '../commands/manifests/interrupted.ts';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const known = toBerthError(error, request);
    if (known.code === 'internal' || known.code === 'unavailable') {
      const cause = known.cause ?? known;
      this.logger.error({ requestId: request.id, method: request.method, path: pathOf(request.url), err: cause }, known.detail);
    }
    sendProblem(http.getResponse<FastifyReply>(), toProblem(known));
  }
}

/** What is needed of a reply: the proxy's is of a wider type. */
interface ProblemReply {
  sent: boolean;
  header(name: string, value: string): unknown;
  code(status: number): unknown;
  send(payload: string): unknown;
}

export function sendProblem(reply: ProblemReply, problem: Problem): void {
  if (reply.sent) return;
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  if (problem.status === 503) reply.header('retry-after', '1');
  reply.code(problem.status);
  reply.header('content-type', 'application/problem+json');
  reply.send(JSON.stringify(problem));
}

/** Without the query: it may hold what people searched for. */
export const pathOf = (url: string): string => url.split('?', 1)[0] ?? url;

export function toBerthError(error: unknown, request: { method: string; url: string }): BerthError {
  if (error instanceof BerthError) return error;
  if (error instanceof Interrupted) {
    const { code, detail, extra, cause } = toBerthError(error.cause, request);
    return new BerthError(code, `${error.what}: ${detail} ${error.message}`, { ...extra, steps: error.steps }, { cause });
  }
  const code = codeOf(error);
  // Postgres' text and jsonb cannot hold U+0000 (untranslatable_character, character_not_in_repertoire).
  if (code === '22P05' || code === '22021') return new BerthError('invalid-request', 'The text must not hold a NUL character (U+0000).');
  if ((code !== undefined && UNREACHABLE.has(code)) || (error instanceof Error && error.message.startsWith('Connection terminated')))
    return new BerthError('unavailable', 'The database cannot be reached now.', {}, { cause: error });
  const status = error instanceof HttpException ? error.getStatus() : statusOf(error);
  if (status === 413) return new BerthError('too-large', 'The body is larger than 1 MiB.');
  if (status === 415) return new BerthError('unsupported-media-type', 'Send the body as JSON, with "Content-Type: application/json".');
  if (status === 403) return new BerthError('forbidden', 'Your role in the workspace does not allow this.');
  if (status === 404) return new BerthError('not-found', `There is no ${request.method} ${pathOf(request.url)}.`);
  if (status !== undefined && status >= 400 && status < 500)
    return new BerthError('invalid-request', error instanceof Error ? error.message : 'The request is not valid.');
  return new BerthError('internal', 'Something went wrong in Berth; the log has the details under this request id.', {}, { cause: error });
}

/** Of node, of Postgres (class 08 and 57: connection exceptions, operator intervention) and of the object mapper. */
const UNREACHABLE = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  '08000',
  '08003',
  '08006',
  '57P01',
  '57P02',
  '57P03',
]);

function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function statusOf(error: unknown): number | undefined {
  const status = typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}
