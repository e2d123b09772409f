/** An image of the agent, built from nothing: this Node, its libraries, and the packages that the agent needs. */
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { run } from '../../scripts/parts/command.ts';
import { buildImage, type LayerEntry, machineArchitecture } from '../../scripts/parts/images/image.ts';
import { type PushTarget, pushImage } from '../../scripts/parts/images/push.ts';
import { repository } from '../../scripts/parts/paths.ts';

/** Pushes it under `name:latest`; the agent's own flags are the container's command. */
export async function pushAgentImage(registry: PushTarget, name = 'berth-agent'): Promise<void> {
  const image = await buildImage({
    architecture: machineArchitecture(),
    layers: [[...(await nodeFiles()), { path: 'tmp', mode: 0o1777 }, { path: 'home', mode: 0o700 }], agentFiles()],
    config: { Entrypoint: ['/bin/node', '/berth/apps/agent/dist/main.js'], Env: ['PATH=/bin'] },
  });
  await pushImage(registry, name, 'latest', image);
}

async function nodeFiles(): Promise<LayerEntry[]> {
  const { stdout } = await run('ldd', [process.execPath]);
  // "libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)" and "/lib64/ld-linux-x86-64.so.2 (0x…)"
  const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap((match) => match[1] ?? []);
  return [
    { path: 'bin/node', mode: 0o755, data: readFileSync(process.execPath) },
    ...libraries.map((path): LayerEntry => ({ path: path.slice(1), mode: 0o755, data: readFileSync(realpathSync(path)) })),
  ];
}

/** The agent, the contracts, and the packages that they need, where Node looks for them. */
function agentFiles(): LayerEntry[] {
  const packages = new Set<string>();
  collect(join(repository, 'apps/agent'), packages);
  const entries = [...packages].flatMap((folder) => filesBelow(folder));
  return [...entries, { path: 'berth/node_modules/@berth/shared', link: '../../packages/shared' }];
}

/** Adds the folder of a package and of all that it depends on. */
function collect(folder: string, found: Set<string>): void {
  if (found.has(folder)) return;
  found.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    for (let from = folder; from.startsWith(repository); from = dirname(from)) {
      const candidate = join(from, 'node_modules', name);
      if (!existsSync(join(candidate, 'package.json'))) continue;
      collect(realpathSync(candidate), found);
      break;
    }
  }
}

function filesBelow(folder: string): LayerEntry[] {
  return readdirSync(folder).flatMap((name): LayerEntry[] => {
    const path = join(folder, name);
    const stat = lstatSync(path);
    // Packages within are collected by themselves; of a package from npm, `src` may be what it runs.
    if (name === 'node_modules' || (name === 'src' && !folder.includes('node_modules'))) return [];
    const inImage = join('berth', relative(repository, path));
    if (stat.isDirectory()) return filesBelow(path);
    if (stat.isSymbolicLink()) return [{ path: inImage, link: readlinkSync(path) }];
    return [{ path: inImage, mode: stat.mode & 0o777, data: readFileSync(path) }];
  });
}
