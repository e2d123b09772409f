/** A whole Berth with its console for a worker: one host with an engine of its own, and a link to the browser that a test can cut. */
import { join } from 'node:path';
import { freePort } from '../../../scripts/parts/free-port.ts';
import { startConsole } from '../../../scripts/start/apps.ts';
import { type Berth, startBerth } from '../../support/berth.ts';
import { type Engine, startEngine } from '../../support/engine.ts';
import type { RegistryPart } from '../../support/environment.ts';
import { Link } from '../../support/link.ts';
import { startMirror } from '../../support/registry.ts';
import { temporaryFolder } from '../../support/temporary.ts';

export interface Stack {
  /** Where the browser goes: through the link. */
  url: string;
  berth: Berth;
  /** The engine of the one host, "web-1". */
  engine: Engine;
  /** The local stand-in for Docker Hub, which can also be pulled from by its own name. */
  mirror: RegistryPart;
  link: Link;
  stop(): Promise<void>;
}

export async function startStack(): Promise<Stack> {
  const [port, consolePort, folder, mirror] = await Promise.all([freePort(), freePort(), temporaryFolder('console'), startMirror()]);
  const link = await Link.to(`http://127.0.0.1:${port}`);
  const [engine, console, berth] = await Promise.all([
    startEngine({ mirror: mirror.url }),
    startConsole(consolePort, join(folder, 'console.log')),
    startBerth({ port, env: { PUBLIC_URL: link.url, IMAGE_CHECK_SECONDS: '1', CONSOLE_URL: `http://127.0.0.1:${consolePort}` } }),
  ]);
  await berth.startAgent({ engine, name: 'web-1' });
  return {
    url: link.url,
    berth,
    engine,
    mirror,
    link,
    async stop() {
      await link.close();
      await console.stop('SIGTERM', 10_000);
      await berth.stop();
      await Promise.all([engine.stop(), mirror.stop()]);
    },
  };
}
