/** `npm run bench -- …`: what Berth costs over what it stands on (test/bench/main.ts says how). Works from a fresh clone. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from '../parts/paths.ts';
import { prepare } from '../prepare/prepare.ts';

try {
  await prepare('everything');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
await import(pathToFileURL(join(repository, 'test/bench/main.ts')).href);
