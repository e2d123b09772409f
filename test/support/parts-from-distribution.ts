/** Redis and the registry from the distribution's packages, Postgres from npm: children of this process. */
import { join } from 'node:path';
import { startPostgres } from '../../scripts/parts/postgres.ts';
import { startRedis } from '../../scripts/parts/redis.ts';
import { startRegistry } from '../../scripts/parts/registry.ts';
import type { Parts } from './environment.ts';
import { temporaryFolder } from './temporary.ts';

export const partsFromDistribution: Parts = {
  source: 'distribution',
  async redis() {
    return startRedis({ folder: await temporaryFolder('redis') });
  },
  async postgres() {
    const folder = await temporaryFolder('postgres');
    return startPostgres({
      dataFolder: join(folder, 'data'),
      logFile: join(folder, 'postgres.log'),
      password: 'postgres',
      // Nobody needs this data after the tests: writing it to disk in time would only make them slower.
      settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
    });
  },
  async registry(choice = {}) {
    return startRegistry({ folder: await temporaryFolder('registry'), ...choice });
  },
};
