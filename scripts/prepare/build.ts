/** Builds the workspaces with turbo, and does nothing where sources and outputs are as they were after the last build. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from '../parts/command.ts';
import { repository } from '../parts/paths.ts';
import { schemaEngineEnvironment } from '../parts/schema-engine.ts';

export type Target = 'everything' | 'agent';

interface TargetFiles {
  /** Folders and files that the build reads. */
  inputs: string[];
  /** What must be there for the build to be complete. */
  outputs: string[];
  filter: string[];
}

const COMMON = ['package.json', 'package-lock.json', 'tsconfig.base.json', 'turbo.json'];

const TARGETS: Record<Target, TargetFiles> = {
  everything: {
    inputs: [...COMMON, 'apps', 'packages', 'prisma/schema.prisma', 'prisma.config.ts'],
    outputs: ['packages/shared/dist', 'apps/api/dist/main.js', 'apps/agent/dist/main.js', 'apps/web/.next/BUILD_ID'],
    filter: [],
  },
  agent: {
    inputs: [...COMMON, 'apps/agent', 'packages'],
    outputs: ['packages/shared/dist', 'apps/agent/dist/main.js'],
    filter: ['--filter=@berth/agent'],
  },
};

/** Folders of outputs and packages, and files that a build writes next to its sources. */
const NOT_AN_INPUT = /^(node_modules|dist|build|\.next|\.turbo|generated|next-env\.d\.ts|.*\.tsbuildinfo|.*\.test\.tsx?)$/;

export function isBuilt(target: Target): boolean {
  const { outputs } = TARGETS[target];
  if (!outputs.every((path) => existsSync(join(repository, path)))) return false;
  const stamp = stampFile(target);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digestOfInputs(target);
}

export async function build(target: Target): Promise<void> {
  const turbo = join(repository, 'node_modules/turbo/bin/turbo');
  await run(process.execPath, [turbo, 'run', 'build', '--output-logs=errors-only', '--no-color', ...TARGETS[target].filter], {
    cwd: repository,
    env: {
      ...process.env,
      ...(await schemaEngineEnvironment()),
      TURBO_TELEMETRY_DISABLED: '1',
      NEXT_TELEMETRY_DISABLED: '1',
      CHECKPOINT_DISABLE: '1',
      NODE_ENV: 'production',
    },
    timeoutMs: 900_000,
  });
  mkdirSync(dirname(stampFile(target)), { recursive: true });
  // Not that of before: Next writes its own settings into its tsconfig.json.
  writeFileSync(stampFile(target), digestOfInputs(target));
}

const stampFile = (target: Target) => join(repository, 'node_modules/.cache/berth', `built-${target}`);

function digestOfInputs(target: Target): string {
  const hash = createHash('sha256').update(process.version);
  for (const file of TARGETS[target].inputs.flatMap((path) => filesOf(join(repository, path)))) {
    hash.update(`\0${relative(repository, file)}\0`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

function filesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  const entries = readdirSync(dirname(path), { withFileTypes: true }).filter((entry) => join(entry.parentPath, entry.name) === path);
  const entry = entries[0];
  if (!entry?.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => !NOT_AN_INPUT.test(name))
    .sort()
    .flatMap((name) => filesOf(join(path, name)));
}
