/** The bridge of a private engine, and the addresses of the networks that it makes: on subnets that nothing else on the machine uses. */
import { spawnSync } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { run, succeeds } from './command.ts';

export interface EngineNetwork {
  readonly bridge: string;
  /** Idempotent. */
  create(): Promise<void>;
  /** With the bridges of the networks that its engine has made. */
  remove(): Promise<void>;
  /** Where the engine takes the addresses of further networks from: "10.201.16.0/20"; absent or null: as engines do it. */
  pool?(): Promise<string | null>;
}

/** Written on the bridge, so that whoever removes it, in whichever process, knows what belongs to it. */
const ALIAS = 'berth-pool ';

/** `bridge`: at most 15 characters. */
export function engineNetwork(bridge: string): EngineNetwork {
  return {
    bridge,
    async create() {
      if (await succeeds('ip', ['link', 'show', bridge])) return;
      await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
      await run('ip', ['link', 'set', bridge, 'alias', `${ALIAS}${await freePool()}`]);
      await run('ip', ['address', 'add', `${await freeNet()}1/24`, 'dev', bridge]);
      await run('ip', ['link', 'set', bridge, 'up']);
    },
    async remove() {
      removeEngineNetwork(bridge);
    },
    pool: async () => poolOf(bridge),
  };
}

/** The same as `remove`, for a process that ends in this moment. */
export function removeEngineNetwork(bridge: string): void {
  const pool = poolOf(bridge);
  const made = pool === null ? [] : addresses().filter(({ name, address }) => name.startsWith('br-') && isWithin(address, pool));
  for (const { name } of made) ip(['link', 'delete', name]);
  ip(['link', 'delete', bridge]);
}

function poolOf(bridge: string): string | null {
  return new RegExp(`alias ${ALIAS}(\\S+)`).exec(ip(['link', 'show', bridge]))?.[1] ?? null;
}

/** Of all interfaces, also of those that nothing is connected to. */
function addresses(): { name: string; address: string }[] {
  const lines = ip(['-o', '-4', 'address', 'show']).matchAll(/^\d+: (\S+)\s+inet ([\d.]+)\//gm);
  return [...lines].map(([, name = '', address = '']) => ({ name, address }));
}

const ip = (args: string[]): string => spawnSync('ip', args, { encoding: 'utf8' }).stdout ?? '';

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function isWithin(address: string, pool: string): boolean {
  const [base = '', bits = '32'] = pool.split('/');
  const size = 2 ** (32 - Number(bits));
  return Math.floor(numberOf(address) / size) === Math.floor(numberOf(base) / size);
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

/** Sixteen networks' worth of addresses, where no interface is and no other engine takes its own from. */
async function freePool(): Promise<string> {
  const taken = addresses().map(({ address }) => address);
  const { stdout } = await run('ip', ['-o', 'link', 'show', 'type', 'bridge']);
  const pools = [...stdout.matchAll(new RegExp(`alias ${ALIAS}([\\d.]+)`, 'g'))].map(([, base = '']) => base);
  for (let attempt = 0; attempt < 200; attempt++) {
    const pool = `10.${128 + random(128)}.${16 * random(16)}.0/20`;
    if (![...taken, ...pools].some((address) => isWithin(address, pool))) return pool;
  }
  throw new Error('no free addresses for networks found in 10.128.0.0/9');
}

const random = (below: number) => Math.floor(Math.random() * below);
