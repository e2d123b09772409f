/** The agent's configuration: flags first, then the environment. The only reader of process.env (all errors come at once). */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

const DEFAULT_POLICY = '/etc/berth/policy.json';
const DEFAULT_ENGINE = 'unix:///var/run/docker.sock';
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

const configSchema = z.object({
  /** Address of the api. */
  url: z.url({ protocol: /^https?$/, error: 'must be the http(s) address of the api (--url or BERTH_URL)' }),
  /** Join token; needed only until the host is enrolled. */
  join: z.string().min(1).optional(),
  /** Folder of the agent's identity and ledger; made with mode 0700. */
  home: z.string({ error: 'must name a folder for the identity and the ledger (--home or BERTH_AGENT_HOME)' }).min(1),
  /** Wanted name of the host; the machine's name where absent. */
  name: z.string().min(1).max(63),
  /** Address of the container engine. */
  engine: z
    .string()
    .regex(/^(unix:\/\/\/.+|(tcp|http):\/\/.+)$/, 'must look like unix:///run/docker.sock or tcp://127.0.0.1:2375 (--engine)'),
  /** What this host allows (docs/policy.md); where there is no such file, nothing out of the ordinary. */
  policy: z.string().min(1),
  /** Folder for secrets as files, on a tmpfs; /run/berth, or /dev/shm/berth where that is on a disk, where absent. */
  secretsFolder: z.string().regex(/^\//, 'must be an absolute path (BERTH_SECRETS_FOLDER)').optional(),
  logLevel: z.enum(LOG_LEVELS),
  /** How long a new version of the agent may take to reach the api before the one before is taken again. */
  trialSeconds: z.coerce.number({ error: 'must be a number of seconds (BERTH_TRIAL_SECONDS)' }).min(1).max(3600),
  /** Of processes that the agent itself makes of itself during an update: the new version that is tried, and who watches it. */
  part: z.enum(['agent', 'trial', 'supervisor']),
  /** Bytes of output that may wait on this disk for their way up; 1 GiB, or a tenth of what is free there, where absent. */
  spoolBytes: z.coerce.number({ error: 'must be a number of bytes (BERTH_SPOOL_BYTES)' }).int().min(0).optional(),
  /** Bytes of each new container's output that its engine keeps, for an agent that was away: from 256 KiB to 64 GiB; 256 MiB where absent. */
  recordBytes: z.coerce
    .number({ error: 'must be a number of bytes (BERTH_RECORD_BYTES)' })
    .int()
    .min(262_144, 'must be 262144 at least (BERTH_RECORD_BYTES)')
    .max(68_719_476_736, 'must be 68719476736 at most (BERTH_RECORD_BYTES)')
    .optional(),
});
export type Config = z.infer<typeof configSchema>;

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Throws ConfigurationError with one sentence that names every fault. */
export function readConfig(argv: string[] = process.argv.slice(2), env: NodeJS.ProcessEnv = process.env): Config {
  const flags = readFlags(argv);
  const parsed = configSchema.safeParse({
    url: flags.url ?? env.BERTH_URL,
    join: flags.join ?? (env.BERTH_JOIN || undefined),
    home: flags.home ?? env.BERTH_AGENT_HOME,
    name: flags.name ?? (env.BERTH_NAME || undefined) ?? hostname().slice(0, 63),
    engine: flags.engine ?? env.BERTH_ENGINE ?? env.DOCKER_HOST ?? DEFAULT_ENGINE,
    policy: flags.policy ?? env.BERTH_POLICY ?? DEFAULT_POLICY,
    secretsFolder: env.BERTH_SECRETS_FOLDER || undefined,
    logLevel: env.LOG_LEVEL ?? 'info',
    trialSeconds: env.BERTH_TRIAL_SECONDS || 60,
    part: flags.trial ? 'trial' : flags.supervise ? 'supervisor' : 'agent',
    spoolBytes: env.BERTH_SPOOL_BYTES || undefined,
    recordBytes: env.BERTH_RECORD_BYTES || undefined,
  });
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigurationError(`The configuration is not valid: ${faults.join('; ')}.`);
  }
  return { ...parsed.data, home: resolve(parsed.data.home), policy: resolve(parsed.data.policy) };
}

function readFlags(argv: string[]) {
  const text = { type: 'string' } as const;
  const own = { trial: { type: 'boolean' }, supervise: { type: 'boolean' } } as const;
  try {
    const options = { url: text, join: text, home: text, name: text, engine: text, policy: text, ...own };
    return parseArgs({ args: argv, options, strict: true }).values;
  } catch (error) {
    throw new ConfigurationError(`The command line is not valid: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
