/** The launcher's only reader of the environment. All errors come at once, and nothing is started with any. */
import { resolve } from 'node:path';
import { z } from 'zod';
import { repository } from '../parts/paths.ts';

const address = (protocols: string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), `must look like ${example}`);

const engineHost = z
  .string()
  .regex(/^(unix:\/\/\/.+|(tcp|http):\/\/.+)$/, 'must look like unix:///var/run/docker.sock or tcp://127.0.0.1:2375');

const configSchema = z.object({
  /** Data, credentials and logs. */
  BERTH_HOME: z
    .string()
    .default('.berth')
    .transform((path) => resolve(repository, path)),
  /** The one port of console, REST and websockets. */
  PORT: z.coerce
    .number('must be a port, 1 to 65535')
    .int('must be a port, 1 to 65535')
    .min(1, 'must be 1 to 65535')
    .max(65535, 'must be 1 to 65535')
    .default(3000),
  /** Interface to listen on; loopback unless told otherwise. */
  HOST: z.string().default('127.0.0.1'),
  /** The address that browsers and agents use; http://127.0.0.1:PORT where absent. */
  PUBLIC_URL: address(['http:', 'https:'], 'https://berth.example.com').optional(),
  /** A Postgres that is there already, instead of the embedded one. */
  DATABASE_URL: address(['postgres:', 'postgresql:'], 'postgresql://user:password@127.0.0.1:5432/berth').optional(),
  /** A Redis that is there already, instead of one started here. */
  REDIS_URL: address(['redis:', 'rediss:'], 'redis://127.0.0.1:6379').optional(),
  /** Container engine of this machine's host; then DOCKER_HOST, then the default socket, then a private one. */
  BERTH_ENGINE: engineHost.optional(),
  DOCKER_HOST: engineHost.optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

export type LauncherConfig = z.infer<typeof configSchema> & { url: string };

/** Empty variables count as absent. Throws an error that names every variable that is wrong, one a line. */
export function readConfig(env: NodeJS.ProcessEnv): LauncherConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([name, value]) => name in configSchema.shape && value !== ''));
  const parsed = configSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${String(issue.path[0])} ${issue.message}`);
    throw new Error(`The configuration is not valid:\n${faults.join('\n')}`);
  }
  return { ...parsed.data, url: (parsed.data.PUBLIC_URL ?? `http://127.0.0.1:${parsed.data.PORT}`).replace(/\/+$/, '') };
}
