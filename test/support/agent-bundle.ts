/** Bundles of the agent: real ones that count as another release, and such as no release should be. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../scripts/parts/command.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { temporaryFolder } from './temporary.ts';

/** Built as the agent is, with another version in it. Returns the file. */
export async function buildAgent(version: string): Promise<string> {
  const file = join(await temporaryFolder(`bundle-${version}`), 'agent.mjs');
  const rolldown = join(repository, 'node_modules/rolldown/bin/cli.mjs');
  await run(process.execPath, [rolldown, '-c', 'rolldown.config.ts', '-o', file], {
    cwd: join(repository, 'apps/agent'),
    env: { PATH: process.env.PATH, BERTH_AGENT_VERSION: version },
  });
  return file;
}

/** One that does nothing but this. */
export async function strangeAgent(version: string, code: string): Promise<string> {
  const file = join(await temporaryFolder('bundle-strange'), 'agent.mjs');
  await writeFile(file, `// Berth agent ${version}\n${code}\n`);
  return file;
}
