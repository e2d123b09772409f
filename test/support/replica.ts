/** Another replica of an api, on a port of its own, over the same Postgres and Redis. */
import { join } from 'node:path';
import { freePort } from '../../scripts/parts/free-port.ts';
import { repository } from '../../scripts/parts/paths.ts';
import type { Berth } from './berth.ts';
import { eventually } from './eventually.ts';
import { type Restartable, restartable } from './restartable.ts';
import { temporaryFolder } from './temporary.ts';

export interface Replica {
  readonly url: string;
  readonly process: Restartable;
}

export async function startReplica(berth: Berth): Promise<Replica> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const process = restartable({
    what: 'the other replica',
    logFile: join(await temporaryFolder('replica'), 'api.log'),
    args: [join(repository, 'apps/api/dist/main.js')],
    env: { ...berth.env, PORT: String(port), PUBLIC_URL: url },
    ready: (child) =>
      eventually(
        'the second replica to be ready',
        async () => (await fetch(`${url}/readyz`)).ok,
        () => child.tail(40),
        60_000,
        child.ending,
      ).then(() => undefined),
  });
  await process.start();
  return { url, process };
}
