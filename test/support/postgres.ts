/** One Postgres a test process; a database a suite, copied from a template that has the migrations. */
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../../scripts/parts/migrate.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { type PostgresPart, parts, type Template } from './environment.ts';
import { runStatement } from './statement.ts';

const TEMPLATE = 'berth_template';
/** A database with all migrations applied. */
export const migratedTemplate = (): Template => ({
  database: TEMPLATE,
  version: digestOfMigrations(),
  fill: async (url) => {
    await migrate(url);
  },
});

let server: Promise<PostgresPart> | undefined;

/** A fresh database with all migrations applied. */
export async function freshDatabase(): Promise<string> {
  server ??= startWithTemplate();
  const { url } = await server;
  const name = `berth_${randomBytes(6).toString('hex')}`;
  await runStatement(url('postgres'), `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  return url(name);
}

/** Ends the Postgres of this process. It also ends with the process. */
export async function stopPostgres(): Promise<void> {
  const started = await server;
  server = undefined;
  await started?.stop();
}

async function startWithTemplate(): Promise<PostgresPart> {
  return (await parts()).postgres(migratedTemplate());
}

function digestOfMigrations(): string {
  const folder = join(repository, 'prisma/migrations');
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (file.endsWith('.sql')) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}
