/** A host with an engine of its own, and the real agent beside it, in a space of their own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { startEngine } from '../../scripts/parts/engine.ts';
import { repository } from '../../scripts/parts/paths.ts';
import { until } from '../../scripts/parts/until.ts';
import type { BerthClient } from '../support/client.ts';
import { restartable } from '../support/restartable.ts';
import { DockerWitness } from './docker-witness.ts';
import type { FleetHost } from './fleet-host.ts';
import { openHostSpace } from './host-space.ts';

const CLOCK = pathToFileURL(fileURLToPath(new URL('./shifted-clock.ts', import.meta.url))).href;
/** Small enough to be filled in a moment, and large enough for what the suite keeps. */
const ENGINE_ROOM = '192m';
const AGENT_ROOM = '16m';

export interface HostChoice {
  name: string;
  client: BerthClient;
  replicas: readonly string[];
  registry: string;
}

/** Enrolled and ready. */
export async function startRealHost({ name, client, replicas, registry }: HostChoice): Promise<FleetHost> {
  const space = await openHostSpace(name, replicas, registry);
  const { folder, sandbox } = space;
  const engineFolder = join(folder, 'engine');
  const dataFolder = join(engineFolder, 'data');
  const home = join(folder, 'home');
  await space.mountMemory(dataFolder, ENGINE_ROOM);
  await space.mountMemory(home, AGENT_ROOM);
  const engine = await startEngine({ folder: engineFolder, network: space.bridge, mirror: space.toRegistry.url, sandbox });
  const clock = join(folder, 'clock');
  writeFileSync(clock, '0');
  const { token } = await client.createJoinToken();
  const dial = ['--url', space.toApi.url, '--join', token, '--home', home, '--name', name, '--engine', engine.host];
  const agent = restartable({
    what: `agent ${name}`,
    logFile: join(folder, 'agent.log'),
    args: ['--import', CLOCK, join(repository, 'apps/agent/dist/main.js'), ...dial],
    env: { BERTH_TEST_CLOCK: clock, LOG_LEVEL: 'info' },
    sandbox,
    // Its host says when it is ready, and that may be never while something else is broken.
    ready: async () => undefined,
  });
  await agent.start();
  const host = await until(
    async () => (await client.listHosts()).items.find(({ metadata, status }) => metadata.name === name && status.state === 'ready'),
    {
      what: `host ${name} to be ready`,
      timeoutMs: 60_000,
      describe: () => agent.log(),
    },
  );
  const engineKills: number[] = [];
  const witness = new DockerWitness(engine.socket);
  const running = () => {
    if (!engine.child) throw new Error(`the engine of ${name} does not run`);
    return engine.child;
  };
  return {
    name,
    hostId: host.metadata.id,
    isReal: true,
    space,
    witness,
    agent: {
      get isRunning() {
        return agent.isRunning;
      },
      kill: () => agent.kill(),
      start: () => agent.start(),
      freeze: () => agent.freeze(),
      thaw: () => agent.thaw(),
      log: () => readFileSync(join(folder, 'agent.log'), 'utf8'),
    },
    engine: {
      async kill() {
        engineKills.push(Date.now());
        await engine.kill();
      },
      start: () => engine.start(),
      freeze: () => sandbox.signal(running(), 'SIGSTOP'),
      thaw: () => running().signal('SIGCONT'),
      log: () => readFileSync(join(engineFolder, 'dockerd.log'), 'utf8'),
      dataFolder: space.inside(dataFolder),
    },
    agentHome: space.inside(home),
    moveClock(byMs) {
      writeFileSync(clock, String(Number(readFileSync(clock, 'utf8')) + byMs));
      // One that does not run now reads it when it starts.
      try {
        agent.signal('SIGUSR2');
      } catch {
        return;
      }
    },
    engineKills,
    diskFills: [],
    async close() {
      witness.close();
      await engine.destroy();
      await space.destroy();
    },
  };
}
