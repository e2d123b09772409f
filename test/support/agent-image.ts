/** An image of the agent, built from nothing: this Node, its libraries, and the agent's bundle, which needs no package beside it. */
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../scripts/parts/command.ts';
import { buildImage, type LayerEntry, machineArchitecture } from '../../scripts/parts/images/image.ts';
import { type PushTarget, pushImage } from '../../scripts/parts/images/push.ts';
import { repository } from '../../scripts/parts/paths.ts';

/** Pushes it under `name:latest`; the agent's own flags are the container's command. */
export async function pushAgentImage(registry: PushTarget, name = 'berth-agent'): Promise<void> {
  const image = await buildImage({
    architecture: machineArchitecture(),
    layers: [
      [...(await nodeFiles()), { path: 'tmp', mode: 0o1777 }, { path: 'home', mode: 0o700 }],
      [{ path: 'berth/agent.mjs', mode: 0o644, data: readFileSync(join(repository, 'apps/agent/dist/main.js')) }],
    ],
    config: { Entrypoint: ['/bin/node', '/berth/agent.mjs'], Env: ['PATH=/bin'] },
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
