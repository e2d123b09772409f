/** $BERTH_HOME: the secrets made once, the credentials for scripts, the logs. Everything secret is 0600. */
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  postgresPassword: z.string(),
  redisPassword: z.string(),
  /** Encrypts registry passwords: without it they have to be entered again. */
  secretKey: z.string(),
  /** Signs sessions. */
  authSecret: z.string(),
});
export type Secrets = z.infer<typeof secretsSchema>;

const credentialsSchema = z.object({ url: z.string(), workspace: z.string(), token: z.string(), email: z.string(), password: z.string() });
export type Credentials = z.infer<typeof credentialsSchema>;

export interface Home {
  readonly folder: string;
  readonly secrets: Secrets;
  /** A folder in it that nobody else can look into, made where it is not there. */
  subfolder(name: string): string;
  /** A fresh log for this start; the one of the start before is kept beside it. */
  logFile(name: string): string;
  readCredentials(): Credentials | undefined;
  writeCredentials(credentials: Credentials): void;
  readonly credentialsFile: string;
  /** True until `done` was called for that name, over all starts. */
  isFirst(name: string): boolean;
  done(name: string): void;
  /** Lets another launcher use it. */
  release(): void;
}

/** Throws a sentence where another launcher uses the folder. */
export function openHome(folder: string): Home {
  mkdirSync(folder, { recursive: true });
  // Others may pass through (user postgres has its data below), not look in.
  chmodSync(folder, 0o711);
  const lock = join(folder, 'launcher.pid');
  const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
  if (holder && isLauncher(holder)) throw new Error(`Berth runs already from ${folder} (process ${holder}).`);
  writeFileSync(lock, String(process.pid));

  const subfolder = (name: string) => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };
  const logs = subfolder('logs');
  const credentialsFile = join(folder, 'credentials.json');
  const marker = (name: string) => join(folder, `${name}.done`);
  return {
    folder,
    secrets: readSecrets(join(folder, 'secrets.json')),
    subfolder,
    logFile(name) {
      const file = join(logs, `${name}.log`);
      if (existsSync(file)) renameSync(file, `${file}.1`);
      return file;
    },
    credentialsFile,
    readCredentials() {
      if (!existsSync(credentialsFile)) return undefined;
      return credentialsSchema.safeParse(JSON.parse(readFileSync(credentialsFile, 'utf8'))).data;
    },
    writeCredentials: (credentials) => writeSecret(credentialsFile, credentials),
    isFirst: (name) => !existsSync(marker(name)),
    done: (name) => writeFileSync(marker(name), ''),
    release: () => rmSync(lock, { force: true }),
  };
}

function readSecrets(file: string): Secrets {
  if (existsSync(file)) return secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const random = () => randomBytes(32).toString('base64');
  const secrets = { postgresPassword: random(), redisPassword: randomBytes(24).toString('hex'), secretKey: random(), authSecret: random() };
  writeSecret(file, secrets);
  return secrets;
}

/** Whole or not at all: a start that is interrupted must not leave half a file. */
function writeSecret(file: string, value: object): void {
  const fresh = `${file}.new`;
  writeFileSync(fresh, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
}

/** The process id may have been given to something else since. */
function isLauncher(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const commandLine = `/proc/${pid}/cmdline`;
  return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('scripts/start/main.ts');
}
