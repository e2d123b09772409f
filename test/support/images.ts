/** Images from scratch for tests. Every tag has an image id of its own. */
import { createHash } from 'node:crypto';
import { busybox } from '../../scripts/parts/images/busybox.ts';
import { helloWorld } from '../../scripts/parts/images/hello-world.ts';
import { buildImage, type ImageConfig, type LayerEntry, machineArchitecture } from '../../scripts/parts/images/image.ts';
import { type PushTarget, pushImage } from '../../scripts/parts/images/push.ts';

export async function pushHelloWorld(registry: PushTarget, repository = 'hello-world', tag = 'latest'): Promise<string> {
  const image = await buildImage(helloWorld(machineArchitecture()), `${repository}:${tag}`);
  return pushImage(registry, repository, tag, image);
}

export interface BusyboxVariant {
  /** Further layers of so many bytes each, which cannot be compressed: for pulls that take time and show progress. */
  layers?: number[];
  /** Further files, as one layer. */
  files?: LayerEntry[];
  config?: ImageConfig;
}

/** Returns the digest of the manifest. */
export async function pushBusybox(
  registry: PushTarget,
  repository = 'busybox',
  tag = 'latest',
  variant: BusyboxVariant = {},
): Promise<string> {
  const base = await busybox();
  const id = `${repository}:${tag}`;
  const fillers = (variant.layers ?? []).map((size, index): LayerEntry[] => [
    { path: `filler-${index}`, data: noise(`${id}/${index}`, size) },
  ]);
  const layers = [...base.layers, ...(variant.files ? [variant.files] : []), ...fillers];
  return pushImage(registry, repository, tag, await buildImage({ ...base, layers, config: { ...base.config, ...variant.config } }, id));
}

/** The same seed gives the same bytes. */
export function noise(seed: string, size: number): Buffer {
  return createHash('shake256', { outputLength: size }).update(seed).digest();
}
