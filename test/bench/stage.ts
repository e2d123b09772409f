/** What the bench runs on: one private engine, one api, one agent, and a Postgres that is as durable as `npm start` has it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../scripts/parts/free-port.ts';
import { migrate } from '../../scripts/parts/migrate.ts';
import { createDatabase, startPostgres } from '../../scripts/parts/postgres.ts';
import { type Agent, type Berth, startBerth } from '../support/berth.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import type { RegistryPart } from '../support/environment.ts';
import { startMirror } from '../support/registry.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);

export interface BenchStage {
  readonly berth: Berth;
  readonly agent: Agent;
  readonly engine: Engine;
  /** Of Docker Hub, with the images of the stage. */
  readonly mirror: RegistryPart;
  /** Where a console is to be started that is reached through the api. */
  readonly consolePort: number;
  /** Prints a text and exits. */
  readonly helloImage: string;
  /** Has a shell. */
  readonly shellImage: string;
  /** Ends all of it. */
  close(): Promise<void>;
}

/** Of every api that is measured. */
export const BENCH_ENV = { HEARTBEAT_SECONDS: '5' };

export interface StageOptions {
  /** A folder for CPU profiles of api and agent, written when they end. */
  profile?: string;
}

/** A Postgres of its own with an empty Berth in it. */
export async function openDatabase(): Promise<{ databaseUrl: string; stop: () => Promise<void> }> {
  const folder = await temporaryFolder('bench');
  const postgres = await startPostgres({ dataFolder: join(folder, 'data'), logFile: join(folder, 'postgres.log'), password: 'postgres' });
  try {
    const databaseUrl = await createDatabase(postgres, 'berth');
    await migrate(databaseUrl);
    return { databaseUrl, stop: () => postgres.stop() };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

export async function openStage(progress: (line: string) => void, options: StageOptions = {}): Promise<BenchStage> {
  const ends: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of ends.reverse()) await end();
  };
  try {
    progress('starting Postgres, Redis, a registry and an engine');
    const { databaseUrl, stop } = await openDatabase();
    ends.push(stop);
    const mirror = await startMirror();
    ends.push(() => mirror.stop());
    const engine = await startEngine({ mirror: mirror.url });
    ends.push(() => engine.destroy());
    progress('starting the api and an agent');
    const own = (name: string): Record<string, string> =>
      options.profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${join(options.profile, name)}` } : {};
    const consolePort = await freePort();
    const env = { ...BENCH_ENV, CONSOLE_URL: `http://127.0.0.1:${consolePort}`, ...own('api') };
    const berth = await startBerth({ databaseUrl, env });
    ends.push(() => berth.stop());
    const agent = await berth.startAgent({ engine, env: own('agent') });
    const stage = { berth, agent, engine, mirror, consolePort, helloImage: 'hello-world:latest', shellImage: 'busybox:latest', close };
    for (const image of [stage.helloImage, stage.shellImage]) await pull(berth, image);
    // What this has written goes to the disk now, and not in the middle of what is measured.
    await run('sync', []);
    return stage;
  } catch (error) {
    await close();
    throw error;
  }
}

/** So that every scenario finds its image on the host. */
async function pull({ client }: Berth, image: string): Promise<void> {
  const { metadata } = await client.createRun({ image });
  const { status } = await client.waitRun(metadata.id);
  if (status.exitCode !== 0) throw new Error(`pulling ${image} by a run ended badly: ${status.phase}, ${status.message}`);
}
