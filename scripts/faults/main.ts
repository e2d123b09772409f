/** `npm run faults -- …`: whether a fleet keeps its word while everything in it dies (test/faults/main.ts says how). Works from a fresh clone. */
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
await import(pathToFileURL(join(repository, 'test/faults/main.ts')).href);
