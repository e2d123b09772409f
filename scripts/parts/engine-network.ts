/** The bridge of a private engine, on a subnet that nothing else on the machine uses. */
import { networkInterfaces } from 'node:os';
import { run, succeeds } from './command.ts';

export interface EngineNetwork {
  readonly bridge: string;
  /** Idempotent. */
  create(): Promise<void>;
  remove(): Promise<void>;
}

/** `bridge`: at most 15 characters. */
export function engineNetwork(bridge: string): EngineNetwork {
  return {
    bridge,
    async create() {
      if (await succeeds('ip', ['link', 'show', bridge])) return;
      await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
      await run('ip', ['address', 'add', `${await freeNet()}1/24`, 'dev', bridge]);
      await run('ip', ['link', 'set', bridge, 'up']);
    },
    async remove() {
      await succeeds('ip', ['link', 'delete', bridge]);
    },
  };
}

/** "10.201.7.": the first bytes of a /24 out of 10.128.0.0/9, where neither an interface nor a route is. */
export async function freeNet(): Promise<string> {
  const { stdout: routes } = await run('ip', ['-4', 'route', 'show', 'table', 'all']);
  const taken = Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address));
  for (let attempt = 0; attempt < 200; attempt++) {
    const net = `10.${128 + random(128)}.${random(256)}.`;
    if (!routes.includes(` ${net}`) && !routes.includes(`\n${net}`) && !taken.some((address) => address.startsWith(net))) return net;
  }
  throw new Error('no free subnet found in 10.128.0.0/9');
}

const random = (below: number) => Math.floor(Math.random() * below);
