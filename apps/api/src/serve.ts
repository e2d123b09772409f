/** The api. Roles: all, http, worker (config/env.ts). Ends on SIGTERM and SIGINT once what is open has ended. */
import { flushCompileCache } from 'node:module';
import { type Env, EnvError, loadEnv } from './config/env.ts';
import { createApp } from './create-app.ts';
import { createLogger } from './observability/logger.ts';

function readEnv(): Env {
  try {
    return loadEnv();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78); // EX_CONFIG
  }
}

const env = readEnv();
const logger = createLogger(env.LOG_LEVEL);
try {
  const app = await createApp(env, logger);
  await app.listen({ port: env.PORT, host: env.HOST });
  logger.info({ address: env.PUBLIC_URL, roles: env.ROLES }, 'listening');
  // Now, and not at its end, which may be a kill.
  flushCompileCache();
} catch (error) {
  logger.fatal({ err: error }, 'the api could not start');
  process.exit(1);
}
