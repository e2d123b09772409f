/**
 * A Caddy of one's own with nothing in it but its admin address, keeping all that it writes in a folder of its own; on a machine of its own, as
 * far as its network goes, which is set as docs/decisions/0058 says.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programOrInstall } from '../../scripts/parts/apt.ts';
import { eventually } from './eventually.ts';
import { startJoinedSandbox } from './joined-sandbox.ts';
import { type Restartable, restartable } from './restartable.ts';
import { temporaryFolder } from './temporary.ts';

export interface WebProxy {
  /** Restarted, it has forgotten its routes. */
  readonly process: Restartable;
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Of hosts on this machine, for their label `berth.address`: where the proxy reaches them. */
  readonly toHosts: string;
  /** For the api. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startProxy(): Promise<WebProxy> {
  const program = await programOrInstall(['caddy'], ['caddy']);
  if (!program) throw new Error('Install caddy.');
  const folder = await temporaryFolder('proxy');
  const { sandbox, here, there } = await startJoinedSandbox(join(folder, 'sandbox.log'));
  // With every change of its configuration Caddy takes new sockets to listen on, and the kernel would reset what waits in the old ones.
  await sandbox.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/tcp_migrate_req']);
  const [httpPort, httpsPort] = [80, 443];
  const admin = `${there}:2019`;
  const url = `http://${admin}`;
  const config = join(folder, 'caddy.json');
  // Its own authority is not put among those that this machine trusts.
  const pki = { certificate_authorities: { local: { install_trust: false } } };
  await writeFile(config, JSON.stringify({ admin: { listen: admin }, apps: { pki } }));
  const caddy = restartable({
    what: 'the proxy',
    sandbox,
    logFile: join(folder, 'caddy.log'),
    command: program,
    args: ['run', '--config', config],
    env: { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, HOME: folder },
    ready: (child) =>
      eventually(
        'the proxy to be ready',
        async () => (await fetch(`${url}/config/`)).ok,
        () => child.tail(40),
        30_000,
        child.ending,
      ).then(() => undefined),
  });
  await caddy.start();
  return {
    process: caddy,
    address: there,
    httpPort,
    httpsPort,
    toHosts: here,
    env: { PROXY_ADMIN_URL: url, PROXY_HTTP_LISTEN: `:${httpPort}`, PROXY_HTTPS_LISTEN: `:${httpsPort}` },
    async stop() {
      await caddy.stop();
      await sandbox.destroy();
    },
  };
}
