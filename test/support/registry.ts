/** A registry of one's own; as a mirror of Docker Hub it holds `hello-world` and `busybox`. */
import { parts, type RegistryChoice, type RegistryPart } from './environment.ts';
import { pushBusybox, pushHelloWorld } from './images.ts';

export function startRegistry(choice?: RegistryChoice): Promise<RegistryPart> {
  return parts().then((available) => available.registry(choice));
}

/** For `mirror` of startEngine: plain `hello-world` and `busybox` then come from here. */
export async function startMirror(): Promise<RegistryPart> {
  const registry = await startRegistry();
  await pushHelloWorld(registry, 'library/hello-world');
  await pushBusybox(registry, 'library/busybox');
  return registry;
}
