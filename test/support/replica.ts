/** Another replica of an api, on a port of its own, over the same Postgres and Redis. */
import { join } from 'node:path';
import { type Child, startChild } from '../../scripts/parts/child.ts';
import { freePort } from '../../scripts/parts/free-port.ts';
import { repository } from '../../scripts/parts/paths.ts';
import type { Berth } from './berth.ts';
import { eventually } from './eventually.ts';
import { temporaryFolder } from './temporary.ts';

export async function startReplica(berth: Berth): Promise<{ url: string; process: Child }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const logFile = join(await temporaryFolder('replica'), 'api.log');
  const env = { ...berth.env, PATH: process.env.PATH, PORT: String(port), PUBLIC_URL: url, NODE_ENV: 'production' };
  const child = startChild({ command: process.execPath, args: [join(repository, 'apps/api/dist/main.js')], env, logFile });
  await eventually(
    'the second replica to be ready',
    async () => (await fetch(`${url}/readyz`)).ok,
    () => child.tail(40),
    30_000,
    child.ending,
  );
  return { url, process: child };
}
