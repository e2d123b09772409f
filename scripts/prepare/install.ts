/** npm packages, installed only where they are not what package-lock.json says. Uses nothing but Node: it runs before they are there. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { which } from '../parts/child.ts';
import { run } from '../parts/command.ts';
import { repository } from '../parts/paths.ts';

interface Lock {
  packages: Record<string, { version?: string; link?: boolean; optional?: boolean }>;
}

/** npm writes the hidden lock file when an installation is complete, and not before. */
export function isInstalled(): boolean {
  const wanted = readLock(join(repository, 'package-lock.json'));
  const present = readLock(join(repository, 'node_modules/.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted.packages).every(([path, entry]) => {
    // Optional packages are those of other platforms too.
    if (!path.includes('node_modules/') || entry.link || entry.optional) return true;
    return present.packages[path]?.version === entry.version;
  });
}

function readLock(file: string): Lock | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/**
 * `npm ci`, by this very Node. Install scripts stay off: what Berth needs of them it does by itself where it needs it (links of Postgres'
 * libraries), and Prisma's would wait for a download that may not be possible.
 */
export async function install(): Promise<void> {
  await run(process.execPath, [findNpm(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: repository,
    env: { ...process.env, NODE_ENV: 'development' },
    timeoutMs: 900_000,
  });
}

function findNpm(): string {
  const given = process.env.npm_execpath;
  if (given?.endsWith('npm-cli.js') && existsSync(given)) return given;
  const found = which('npm');
  if (!found) throw new Error('npm is not on PATH.');
  return realpathSync(found);
}
