/**
 * A process that holds many simulated hosts, so that they do not share an event loop with the client that measures.
 * Started by startSimulatedHosts; says "ready" once every host is connected, and ends when its parent goes away.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { until } from '../../scripts/parts/until.ts';
import { SimulatedAgent } from '../fakes/simulated-agent.ts';
import { type Behaviour, SimulatedEngine } from '../fakes/simulated-engine.ts';
import { enrolSimulatedHost } from '../fakes/simulated-identity.ts';

export interface SimulatedHostsOptions {
  url: string;
  /** Taken in turns: hosts have the labels of theirs. */
  joinTokens: readonly string[];
  count: number;
  /** On every host already. */
  image: string;
}

const ENROLLED_AT_ONCE = 8;

/** A short life in the steps that a real engine takes: each one is a report of its own. */
const SHORT_LIFE: Behaviour = () => ({
  pullMs: 0,
  createMs: 5,
  startMs: 20,
  output: [{ atMs: 0, stream: 'stdout', data: Buffer.from('Hello from a simulated container\n') }],
  runMs: 50,
  exitCode: 0,
  onStop: 'exits',
});

export interface SimulatedHosts {
  /** Of their process. */
  readonly pid: number;
  end(): Promise<void>;
}

export async function startSimulatedHosts(options: SimulatedHostsOptions): Promise<SimulatedHosts> {
  const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: [] });
  const exited = once(child, 'exit');
  const ready = once(child, 'message');
  await Promise.race([ready, exited.then(([code]) => Promise.reject(new Error(`the simulated hosts ended with ${code}`)))]);
  if (child.pid === undefined) throw new Error('the simulated hosts have no process');
  return {
    pid: child.pid,
    async end() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function main(options: SimulatedHostsOptions): Promise<void> {
  const agents: SimulatedAgent[] = [];
  const end = () => {
    for (const agent of agents) agent.close();
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('disconnect', end);
  const enrol = async (number: number) => {
    const engine = new SimulatedEngine({ behaviour: SHORT_LIFE });
    engine.images.add(options.image);
    const name = `simulated-${String(number).padStart(4, '0')}`;
    const joinToken = options.joinTokens[number % options.joinTokens.length];
    if (joinToken === undefined) throw new Error('simulated hosts need a join token');
    const host = await enrolSimulatedHost({ url: options.url, joinToken, name, engine });
    agents.push(new SimulatedAgent(options.url, host));
  };
  let next = 1;
  const lane = async () => {
    while (next <= options.count) await enrol(next++);
  };
  await Promise.all(Array.from({ length: ENROLLED_AT_ONCE }, lane));
  await until(() => agents.every((agent) => agent.connected), {
    what: 'every simulated host to be connected',
    timeoutMs: 180_000,
    describe: () => `${agents.filter((agent) => agent.connected).length} of ${agents.length} connected`,
  });
  process.send?.('ready');
}

const [argument] = process.argv.slice(2);
if (process.argv[1] === fileURLToPath(import.meta.url) && argument !== undefined) {
  await main(JSON.parse(argument) as SimulatedHostsOptions);
}
