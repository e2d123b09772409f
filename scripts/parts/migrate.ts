/** Applies the migrations, and checks that they were applied. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { run } from './command.ts';
import { repository } from './paths.ts';
import { schemaEngineEnvironment } from './schema-engine.ts';

/** Returns the names of the migrations that were applied now. Idempotent. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const before = await pending(databaseUrl);
  if (before.length === 0) return [];
  const cli = join(repository, 'node_modules/prisma/build/index.js');
  const { stdout, stderr } = await run(process.execPath, [cli, 'migrate', 'deploy'], {
    cwd: repository,
    env: {
      ...process.env,
      ...(await schemaEngineEnvironment()),
      DATABASE_URL: databaseUrl,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
    timeoutMs: 300_000,
  });
  // With an engine that it cannot use, `migrate deploy` ends with 0 and has applied nothing.
  const after = await pending(databaseUrl);
  if (after.length > 0) throw new Error(`prisma migrate deploy did not apply ${after.join(', ')}:\n${stdout}\n${stderr}`);
  return before;
}

/** Migrations of this version that the database does not have. */
async function pending(databaseUrl: string): Promise<string[]> {
  const folder = join(repository, 'prisma/migrations');
  const all = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory());
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const table = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`);
    if (!table.rows[0]?.there) return all;
    const applied = await client.query(
      'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    const names = new Set(applied.rows.map((row) => row.migration_name));
    return all.filter((name) => !names.has(name));
  } finally {
    await client.end();
  }
}
