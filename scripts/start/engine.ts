/** Which container engine the host of this machine uses. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { canInstall } from '../parts/apt.ts';
import { dockerHubIsReachable } from '../parts/docker-hub.ts';
import { type Engine, pingHost, startEngine } from '../parts/engine.ts';
import { engineNetwork } from '../parts/engine-network.ts';
import { busybox } from '../parts/images/busybox.ts';
import { helloWorld } from '../parts/images/hello-world.ts';
import { buildImage, machineArchitecture } from '../parts/images/image.ts';
import { pushImage } from '../parts/images/push.ts';
import { type RegistryServer, startRegistry } from '../parts/registry.ts';
import type { LauncherConfig } from './config.ts';

const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';

/** The address of an engine that answers: BERTH_ENGINE, then DOCKER_HOST, then the default socket. */
export async function findEngine(config: LauncherConfig): Promise<string | undefined> {
  for (const host of [config.BERTH_ENGINE, config.DOCKER_HOST, DEFAULT_SOCKET]) {
    if (host && (await pingHost(host).catch(() => false))) return host;
  }
  return undefined;
}

/** Throws one sentence that says what to do where a private engine is not possible. */
export function checkPrivateEngineIsPossible(): void {
  if (canInstall()) return;
  const rootless = process.platform === 'linux' ? ', or run this as root on Debian or Ubuntu' : '';
  throw new Error(
    `No container engine answers: install Docker Engine (https://docs.docker.com/engine/install/) and start it${rootless}, or name one in BERTH_ENGINE.`,
  );
}

/**
 * Where Docker Hub cannot be reached, a registry of our own stands in for it, for the private engine only, with `hello-world` and
 * `busybox` built from nothing. Undefined where Docker Hub can be reached.
 */
export async function startStandIn(folder: string): Promise<RegistryServer | undefined> {
  if (await dockerHubIsReachable()) return undefined;
  const registry = await startRegistry({ folder });
  await pushImage(registry, 'library/hello-world', 'latest', await buildImage(helloWorld(machineArchitecture()), 'hello-world'));
  await pushImage(registry, 'library/busybox', 'latest', await buildImage(await busybox(), 'busybox'));
  return registry;
}

export function startPrivateEngine(folder: string, standIn: RegistryServer | undefined): Promise<Engine> {
  const id = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  return startEngine({
    folder,
    // Short, because an address of a socket has at most 107 characters; and gone with a reboot, as what it describes.
    stateFolder: join(existsSync('/run') ? '/run' : '/var/run', `berth-${id}`),
    network: engineNetwork(`berth-${id}`),
    mirror: standIn?.url,
  });
}
