/**
 * What one host of the suite has for itself: processes, mounts and a network, joined to this machine by a veth pair. It lives in a
 * sandbox, which the kernel ends with this process: then its interfaces, filters and mounts are gone too, however the suite ended.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineNetwork } from '../../scripts/parts/engine-network.ts';
import type { Sandbox } from '../../scripts/parts/sandbox.ts';
import { startJoinedSandbox } from '../support/joined-sandbox.ts';
import { Link } from '../support/link.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Only containers of this host are on it, and nothing routes to it. */
const BRIDGE = { name: 'engine0', address: '172.31.240.1/24' };

export interface HostSpace {
  readonly name: string;
  readonly folder: string;
  readonly sandbox: Sandbox;
  /** The one address of the api, as this host reaches it: from replica to replica. */
  readonly toApi: Link;
  readonly toRegistry: Link;
  readonly bridge: EngineNetwork;
  /** Nothing comes or goes any more, and nobody is told. */
  partition(): Promise<void>;
  /** So many of a thousand packets are lost either way. */
  lose(perMille: number): Promise<void>;
  /** After `partition` or `lose`. */
  heal(): Promise<void>;
  /** A file system in memory with so much room, at this path, for what runs in the sandbox. */
  mountMemory(path: string, size: string): Promise<void>;
  /** A path in the sandbox, as this process reaches it. */
  inside(path: string): string;
  destroy(): Promise<void>;
}

export async function openHostSpace(name: string, replicas: readonly string[], registry: string): Promise<HostSpace> {
  const folder = await temporaryFolder(name);
  const { sandbox, here } = await startJoinedSandbox(join(folder, 'sandbox.log'));
  const ip = (...args: string[]) => sandbox.run('ip', args);
  // The machine's name server cannot be reached from here: names are refused at once instead of after a time-out.
  const resolver = join(folder, 'resolv.conf');
  writeFileSync(resolver, 'nameserver 127.0.0.1\n');
  await sandbox.run('mount', ['--bind', resolver, '/etc/resolv.conf']);
  const [toApi, toRegistry] = await Promise.all([Link.to(replicas, here), Link.to(registry, here)]);

  const filter = async (...what: string[]) => {
    for (const chain of ['INPUT', 'OUTPUT']) {
      await sandbox.run('iptables', ['-w', '-A', chain, chain === 'INPUT' ? '-i' : '-o', 'eth0', ...what, '-j', 'DROP']);
    }
  };
  return {
    name,
    folder,
    sandbox,
    toApi,
    toRegistry,
    bridge: {
      bridge: BRIDGE.name,
      async create() {
        await ip('link', 'add', BRIDGE.name, 'type', 'bridge');
        await ip('address', 'add', BRIDGE.address, 'dev', BRIDGE.name);
        await ip('link', 'set', BRIDGE.name, 'up');
      },
      // With the sandbox.
      remove: async () => undefined,
    },
    partition: () => filter(),
    lose: (perMille) => filter('-m', 'statistic', '--mode', 'random', '--probability', String(perMille / 1000)),
    async heal() {
      for (const chain of ['INPUT', 'OUTPUT']) await sandbox.run('iptables', ['-w', '-F', chain]);
    },
    async mountMemory(path, size) {
      mkdirSync(path, { recursive: true });
      await sandbox.run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0711`, 'tmpfs', path]);
    },
    inside: (path) => `/proc/${sandbox.pid}/root${path}`,
    async destroy() {
      await sandbox.destroy();
      await Promise.all([toApi.close(), toRegistry.close()]);
    },
  };
}
