/** Opens the engine at an address. dockerode is loaded here, after its unused parts were put aside. */
import type Docker from 'dockerode';

/** `address`: unix:///… or tcp://host:port. */
export async function connectDocker(address: string): Promise<Docker> {
  const { default: DockerClient } = await import('dockerode');
  const url = new URL(address);
  if (url.protocol === 'unix:') return new DockerClient({ socketPath: url.pathname });
  return new DockerClient({ protocol: 'http', host: url.hostname, port: Number(url.port || 2375) });
}
