/** What a machine can check without running Berth: style, types, direction of dependencies, drift of generated files. Each counts as one test. */
import { join } from 'node:path';
import { run } from '../parts/command.ts';
import { repository } from '../parts/paths.ts';
import { schemaEngineEnvironment } from '../parts/schema-engine.ts';
import { step } from '../prepare/step.ts';
import { failure, type Tally } from './tally.ts';

type Check = () => Promise<unknown>;

const tool = (script: string, ...args: string[]) =>
  run(process.execPath, [join(repository, 'node_modules', script), ...args], { cwd: repository });

const CHECKS: Record<string, Check> = {
  'Style (biome)': () => tool('@biomejs/biome/bin/biome', 'ci', '--colors=off', '--max-diagnostics=20', '.'),
  'Direction of dependencies (dependency-cruiser)': () =>
    tool('dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.cjs', 'apps', 'packages'),
  'No dead files, exports and packages (knip)': () => tool('knip/bin/knip.js', '--no-progress', '--no-config-hints'),
  'Types of scripts and tests': () => tool('typescript/bin/tsc', '-p', 'tsconfig.json'),
  'Types of the console': () => tool('typescript/bin/tsc', '-p', 'apps/web/tsconfig.json', '--noEmit'),
  'Migrations are what the schema says': checkMigrations,
};

export async function runChecks(): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, failures: [] };
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      await step(name, check);
      tally.passed++;
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
      tally.failed++;
      tally.failures.push(failure(name, error instanceof Error ? error.message : String(error)));
    }
  }
  return tally;
}

/** Applies all migrations to an empty database, and compares that with prisma/schema.prisma. */
async function checkMigrations(): Promise<void> {
  const { freshDatabase, stopPostgres } = await import('../../test/support/postgres.ts');
  try {
    const databaseUrl = await freshDatabase();
    await run(
      process.execPath,
      [
        join(repository, 'node_modules/prisma/build/index.js'),
        'migrate',
        'diff',
        '--from-config-datasource',
        '--to-schema',
        'prisma/schema.prisma',
        '--exit-code',
      ],
      {
        cwd: repository,
        env: { ...process.env, ...(await schemaEngineEnvironment()), DATABASE_URL: databaseUrl, CHECKPOINT_DISABLE: '1' },
      },
    );
  } finally {
    await stopPostgres();
  }
}
