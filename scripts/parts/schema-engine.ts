/** Which schema engine Prisma's command line uses: its own where that can be had, ours where it cannot. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './paths.ts';

let environment: Promise<NodeJS.ProcessEnv> | undefined;

/** For the environment of every `prisma` command. */
export function schemaEngineEnvironment(): Promise<NodeJS.ProcessEnv> {
  environment ??= choose();
  return environment;
}

async function choose(): Promise<NodeJS.ProcessEnv> {
  if (process.env.PRISMA_SCHEMA_ENGINE_BINARY || ownEngineIsThere() || (await canDownload())) return {};
  return { PRISMA_SCHEMA_ENGINE_BINARY: join(repository, 'scripts/prisma/schema-engine.mjs') };
}

function ownEngineIsThere(): boolean {
  return readdirSync(join(repository, 'node_modules/@prisma/engines')).some((name) => name.startsWith('schema-engine-'));
}

async function canDownload(): Promise<boolean> {
  return fetch('https://binaries.prisma.sh/', { method: 'HEAD', signal: AbortSignal.timeout(2_500) }).then(
    (response) => response.status < 500,
    () => false,
  );
}
