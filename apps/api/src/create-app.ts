/** Builds the application without listening: main.ts serves it, and the OpenAPI document is made from it. */
import { toProblem } from '@berth/shared/errors/problem';
import { BERTH_VERSION } from '@berth/shared/model/version';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { appModule } from './app.module.ts';
import { BetterAuthAuthenticator } from './auth/authenticator.ts';
import { AUTH, type Auth } from './auth/better-auth.ts';
import type { Env } from './config/env.ts';
import { registerConsole } from './http/console.routes.ts';
import { acceptJsonOnly, registerHooks, requestIdOf } from './http/hooks.ts';
import { serveDocument } from './http/openapi.ts';
import { sendProblem, toBerthError } from './http/problem.filter.ts';
import { registerSignIn } from './http/sign-in.routes.ts';
import { acceptUploads } from './http/upload-types.ts';
import { NestLogger } from './observability/logger.ts';
import { Metrics } from './observability/metrics.ts';
import { SocketAdapter } from './realtime/socket-adapter.ts';

const BODY_LIMIT = 1024 * 1024;

export async function createApp(env: Env, logger: Logger): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    genReqId: requestIdOf,
    logger: false,
    forceCloseConnections: 'idle',
    multipart: false,
    // An address that cannot be read never reaches a route, nor the filter.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, toProblem(toBerthError(error, request))),
  });
  const app = await NestFactory.create<NestFastifyApplication>(appModule(env), adapter, {
    logger: new NestLogger(logger),
    bodyParser: false,
    abortOnError: false,
  });
  app.enableShutdownHooks();
  app.useWebSocketAdapter(new SocketAdapter(app));
  const server = adapter.getInstance();
  acceptJsonOnly(server);
  acceptUploads(server);
  registerHooks(server, app.get(Metrics), logger, env.PUBLIC_URL);
  if (env.ROLES !== 'worker') {
    registerSignIn(server, app.get<Auth>(AUTH), app.get(BetterAuthAuthenticator), env.PUBLIC_URL);
    serveDocument(app, BERTH_VERSION);
    registerConsole(server, env.CONSOLE_URL);
  }
  return app;
}
