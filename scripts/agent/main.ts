/** `npm run agent -- --url … --join … --home …`: enrols this machine (or another engine of it) as a host. Works from a fresh clone. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repository } from '../parts/paths.ts';
import { prepare } from '../prepare/prepare.ts';

try {
  await prepare('agent');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
const file = join(repository, 'apps/agent/dist/main.js');
process.argv[1] = file;
await import(pathToFileURL(file).href);
