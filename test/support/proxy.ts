/** A Caddy of one's own with nothing in it but its admin address, on free ports, keeping all that it writes in a folder of its own. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { programOrInstall } from '../../scripts/parts/apt.ts';
import { freePort } from '../../scripts/parts/free-port.ts';
import { eventually } from './eventually.ts';
import { type Restartable, restartable } from './restartable.ts';
import { temporaryFolder } from './temporary.ts';

export interface WebProxy {
  /** Restarted, it has forgotten its routes. */
  readonly process: Restartable;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** For the api. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
}

export async function startProxy(): Promise<WebProxy> {
  const program = await programOrInstall(['caddy'], ['caddy']);
  if (!program) throw new Error('Install caddy.');
  const [admin, httpPort, httpsPort, folder] = await Promise.all([freePort(), freePort(), freePort(), temporaryFolder('proxy')]);
  const url = `http://127.0.0.1:${admin}`;
  const config = join(folder, 'caddy.json');
  // Its own authority is not put among those that this machine trusts.
  const pki = { certificate_authorities: { local: { install_trust: false } } };
  await writeFile(config, JSON.stringify({ admin: { listen: `127.0.0.1:${admin}` }, apps: { pki } }));
  const caddy = restartable({
    what: 'the proxy',
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
    httpPort,
    httpsPort,
    env: { PROXY_ADMIN_URL: url, PROXY_HTTP_LISTEN: `127.0.0.1:${httpPort}`, PROXY_HTTPS_LISTEN: `127.0.0.1:${httpsPort}` },
    stop: () => caddy.stop(),
  };
}
