/**
 * The only reader of the environment. Every option is checked at once; with any error the process does not start.
 */
import { z } from 'zod';

/** Injection token of the parsed environment. */
export const ENV = Symbol('ENV');

const portSchema = z.coerce.number().int().min(1).max(65535);

const urlSchema = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), `must be an address such as ${example}`);

/** An origin or an address without a slash at its end, so that paths can be joined to it. */
const webUrlSchema = urlSchema(['http:', 'https:'], 'http://127.0.0.1:3000').transform((text) => text.replace(/\/+$/, ''));

const masterKeySchema = z
  .string()
  .refine(
    (text) => Buffer.from(text, 'base64').length === 32,
    'must be 32 random bytes in base64; make one with: head -c 32 /dev/urandom | base64',
  )
  .transform((text) => Buffer.from(text, 'base64'));

const variables = {
  /** Port of the one address that serves REST, websockets and the console. */
  PORT: portSchema.default(3000),
  /** Interface to listen on; loopback unless told otherwise. */
  HOST: z.string().min(1).default('127.0.0.1'),
  /** Postgres, the only truth. */
  DATABASE_URL: urlSchema(['postgres:', 'postgresql:'], 'postgresql://user:password@127.0.0.1:5432/berth'),
  /** Redis, for wake-ups only. */
  REDIS_URL: urlSchema(['redis:', 'rediss:'], 'redis://127.0.0.1:6379'),
  /** Encrypts secrets and registry passwords at rest; losing it means entering them again. */
  BERTH_SECRET_KEY: masterKeySchema,
  /** Earlier ones, with commas between: what they have sealed opens, and is sealed anew with the present one within a minute. */
  BERTH_SECRET_KEY_PREVIOUS: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(masterKeySchema))
    .default([]),
  /** Signs session cookies; changing it signs everybody out. */
  AUTH_SECRET: z.string().min(32, 'must be at least 32 characters; make one with: head -c 32 /dev/urandom | base64'),
  /** The address that browsers and agents use; http://127.0.0.1:PORT where absent. */
  PUBLIC_URL: webUrlSchema.optional(),
  /** Where the console's own server listens; what the api does not serve is passed on to it. Absent: no console. */
  CONSOLE_URL: webUrlSchema.optional(),
  /** all: everything; http: REST and sockets, no workers; worker: workers, with /healthz, /readyz and /metrics. */
  ROLES: z.enum(['all', 'http', 'worker']).default('all'),
  /** The least important lines that are logged. */
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  /** How often an agent says that it is there; a host is given up for not ready after several of them were missed. */
  HEARTBEAT_SECONDS: z.coerce.number().min(0.1).max(300).default(5),
  /** A host that was not heard for so long counts as lost, and runs that may be are placed elsewhere; a run can have a time of its own. */
  HOST_LOST_SECONDS: z.coerce.number().min(1).max(604_800).default(300),
  /** Each image reference that runs is looked up in its registry this often; its tags, 24 times more seldom. 0: never. */
  IMAGE_CHECK_SECONDS: z.coerce.number().min(0).max(604_800).default(3600),
  /** The agent that is served to hosts; the one that was built with this api where absent. */
  AGENT_BUNDLE: z.string().min(1).optional(),
  /** A key of a host that is older is replaced by its agent. 0: never by itself. */
  KEY_MAX_AGE_DAYS: z.coerce.number().min(0).max(3650).default(90),
  /** How often old keys are looked for. */
  KEY_LOOK_SECONDS: z.coerce.number().min(0.1).max(86_400).default(60),
  /** Of a Caddy whose routes Berth keeps for the domains of services: "http://127.0.0.1:2019". Absent: domains are kept, and lead nowhere. */
  PROXY_ADMIN_URL: webUrlSchema.optional(),
  /** Where that proxy listens for domains with TLS, and for those without, as Caddy writes addresses. */
  PROXY_HTTPS_LISTEN: z.string().min(1).default(':443'),
  PROXY_HTTP_LISTEN: z.string().min(1).default(':80'),
  /** Connections to Postgres in each of the two pools (object mapper, hot paths). */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(200).default(10),
};

const envSchema = z.object(variables).transform((env) => ({
  ...env,
  PUBLIC_URL: env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT}`,
}));
export type Env = z.infer<typeof envSchema>;

/** Thrown by loadEnv; the message names every variable that is wrong, one a line. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

/** Empty variables count as absent: that is how compose files and units say "not set". Throws EnvError. */
export function loadEnv(source: Readonly<Record<string, string | undefined>> = process.env): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([name, value]) => name in variables && value !== ''));
  const parsed = envSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `  ${name} ${given[name] === undefined ? 'is not set; it ' : ''}${issue.message.replace(/^Invalid input: .*received undefined$/, 'is required')}`;
  });
  throw new EnvError(`The configuration is not valid:\n${lines.join('\n')}`);
}
