/** The fleet under test: two replicas behind one address, one Postgres, one Redis, and hosts each in a network of its own. */
import { join } from 'node:path';
import { freePort } from '../../scripts/parts/free-port.ts';
import { startPostgres } from '../../scripts/parts/postgres.ts';
import { startRedis } from '../../scripts/parts/redis.ts';
import { startBerth } from '../support/berth.ts';
import { type BerthClient, createClient } from '../support/client.ts';
import { Link } from '../support/link.ts';
import { copyFilledCluster, PASSWORD } from '../support/parts-from-distribution.ts';
import { migratedTemplate } from '../support/postgres.ts';
import { startMirror } from '../support/registry.ts';
import { type Replica, startReplica } from '../support/replica.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { FleetHost } from './fleet-host.ts';
import type { Fleet } from './plan.ts';
import { startRealHost } from './real-host.ts';
import { startSimulatedHost } from './simulated-host.ts';

export interface FleetStage {
  /** By the one address: from replica to replica, whichever answers. */
  readonly client: BerthClient;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly replicas: readonly Replica[];
  /** Those that a fault keeps down now: any other one that ends, ends by itself. */
  readonly downByPlan: Set<Replica | FleetHost>;
  readonly hosts: readonly FleetHost[];
  readonly postgres: { stop(how: 'fast' | 'immediate'): Promise<void>; start(): Promise<void> };
  readonly redis: { stop(): Promise<void>; start(): Promise<void> };
  close(): Promise<void>;
}

/** Until a host counts as lost: in a moment of the suite, and longer than most faults last. */
export const LOST_SECONDS = 7;
/** Commits are as durable as a crash of Postgres needs; the machine itself does not crash. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off' };

export async function openFleetStage(fleet: Fleet, progress: (line: string) => void): Promise<FleetStage> {
  const ends: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    progress('starting Postgres, Redis, a registry and the replicas');
    const folder = await temporaryFolder('fleet');
    const clusterOptions = {
      dataFolder: join(folder, 'data'),
      logFile: join(folder, 'postgres.log'),
      password: PASSWORD,
      port: await freePort(),
      settings: SETTINGS,
    };
    const template = migratedTemplate();
    await copyFilledCluster(template, clusterOptions.dataFolder);
    let cluster = await startPostgres(clusterOptions);
    ends.push(() => cluster.stop());
    const redisOptions = { folder, port: await freePort() };
    let redis = await startRedis(redisOptions);
    ends.push(() => redis.stop());
    const databaseUrl = cluster.url(template.database);
    const mirror = await startMirror();
    ends.push(() => mirror.stop());
    const env = { HOST_LOST_SECONDS: String(LOST_SECONDS) };
    const berth = await startBerth({ databaseUrl, redis: { url: redis.url, stop: async () => undefined }, env });
    ends.push(() => berth.stop());
    const second = await startReplica(berth);
    ends.push(() => second.process.stop());
    const replicas: Replica[] = [{ url: berth.url, process: berth.api }, second];
    const urls = replicas.map(({ url }) => url);
    const address = await Link.to(urls);
    ends.push(() => address.close());
    const client = createClient({ ...berth.credentials, url: address.url });

    progress(`starting ${fleet.real} hosts with an engine and ${fleet.simulated} simulated ones, each in a network of its own`);
    const hosts = await Promise.all(
      Array.from({ length: fleet.real + fleet.simulated }, async (_, number) => {
        const isReal = number < fleet.real;
        const choice = { name: `${isReal ? 'real' : 'simulated'}-${number}`, client, replicas: urls, registry: mirror.url };
        const host = await (isReal ? startRealHost(choice) : startSimulatedHost(choice));
        ends.push(() => host.close());
        return host;
      }),
    );
    return {
      client,
      databaseUrl,
      redisUrl: redis.url,
      replicas,
      downByPlan: new Set(),
      hosts,
      postgres: {
        async stop(how) {
          await cluster.child.stop(how === 'fast' ? 'SIGINT' : 'SIGQUIT', 20_000);
        },
        async start() {
          cluster = await startPostgres(clusterOptions);
        },
      },
      redis: {
        stop: () => redis.stop(),
        async start() {
          redis = await startRedis(redisOptions);
        },
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
