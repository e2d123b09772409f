/** PURE. From a seed, what is run and what goes wrong meanwhile: a value, which is printed before anything is done (law L2). */
import { describeFault, type Fault, type FaultName } from './fault.ts';
import { type Random, seeded } from './random.ts';
import type { Work } from './work.ts';

export interface Fleet {
  /** Hosts are numbered: first those with a real engine. */
  real: number;
  simulated: number;
  replicas: number;
}

export const FLEET: Fleet = { real: 3, simulated: 3, replicas: 2 };
/** Short runs prove nothing on an engine that is simulated. */
export const REAL_FLEET: Fleet = { ...FLEET, simulated: 0 };

export interface PlannedRun {
  number: number;
  work: Work;
  /** What becomes of it where its host is lost. */
  onHostLost: 'wait' | 'replace';
}

export interface PlannedFault {
  number: number;
  /** It happens once so many runs were asked for. */
  afterRuns: number;
  fault: Fault;
}

export interface FaultPlan {
  seed: number;
  runs: PlannedRun[];
  faults: PlannedFault[];
}

export interface PlanOptions {
  seed: number;
  runs: number;
  fleet: Fleet;
}

/** Runs between two faults. */
const APART = { least: 4, most: 9 };
/** Nothing goes wrong while the first and the last few are asked for. */
const QUIET_RUNS = 4;
const PORTS = { first: 30_100, last: 30_101 };

export function planFaults({ seed, runs, fleet }: PlanOptions): FaultPlan {
  const random = seeded(seed);
  const planned = Array.from({ length: runs }, (_, number): PlannedRun => {
    const work = planWork(random);
    return { number, work, onHostLost: random.pick(['wait', 'wait', 'replace']) };
  });
  const faults: PlannedFault[] = [];
  let bag: FaultName[] = [];
  for (let afterRuns = QUIET_RUNS; afterRuns <= runs - QUIET_RUNS; afterRuns += random.between(APART.least, APART.most)) {
    // Every kind as often as any other: none is left out by chance.
    if (bag.length === 0) bag = random.shuffled(FAULT_NAMES);
    const name = bag.pop();
    if (name) faults.push({ number: faults.length, afterRuns, fault: FAULTS[name](random, fleet) });
  }
  return { seed, runs: planned, faults };
}

/** Nothing but hello-world, and nothing goes wrong. */
export function planShortRuns(runs: number): FaultPlan {
  return {
    seed: 0,
    runs: Array.from({ length: runs }, (_, number) => ({ number, work: { work: 'hello' }, onHostLost: 'wait' })),
    faults: [],
  };
}

/** How many of a hundred runs do what. */
const WORKS: [number, (random: Random) => Work][] = [
  [24, () => ({ work: 'hello' })],
  [30, (random) => ({ work: 'lines', lines: random.between(1, 40), pauseMs: random.pick([20, 50, 100]), exitCode: 0 })],
  [12, (random) => ({ work: 'lines', lines: random.between(0, 20), pauseMs: 20, exitCode: random.between(1, 125) })],
  [12, (random) => ({ work: 'until-told', how: random.pick(['stop', 'stop', 'kill']) })],
  [4, () => ({ work: 'called-off' })],
  [7, (random) => ({ work: 'restarted', failures: random.between(1, 2), lines: random.between(2, 10) })],
  [6, (random) => ({ work: 'port', hostPort: random.between(PORTS.first, PORTS.last), lines: random.between(5, 30) })],
  [5, (random) => ({ work: 'large', lines: random.between(5, 30) })],
];

function planWork(random: Random): Work {
  let left = random.between(1, 100);
  for (const [share, make] of WORKS) {
    left -= share;
    if (left <= 0) return make(random);
  }
  return { work: 'hello' };
}

const anyHost = (random: Random, { real, simulated }: Fleet) => random.between(0, real + simulated - 1);
const realHost = (random: Random, { real }: Fleet) => random.between(0, real - 1);
const anyReplica = (random: Random, { replicas }: Fleet) => random.between(0, replicas - 1);
/** To a tenth: faults of the same kind do not all meet the same moment of a time-out. */
const seconds = (random: Random, least: number, most: number) => random.between(least * 10, most * 10) / 10;

const FAULTS: { [Name in FaultName]: (random: Random, fleet: Fleet) => Fault & { fault: Name } } = {
  'agent-killed': (random, fleet) => ({ fault: 'agent-killed', host: anyHost(random, fleet), seconds: seconds(random, 0, 4) }),
  'agent-frozen': (random, fleet) => ({ fault: 'agent-frozen', host: anyHost(random, fleet), seconds: seconds(random, 1, 6) }),
  'engine-killed': (random, fleet) => ({ fault: 'engine-killed', host: realHost(random, fleet), seconds: seconds(random, 0, 3) }),
  'engine-frozen': (random, fleet) => ({ fault: 'engine-frozen', host: realHost(random, fleet), seconds: seconds(random, 1, 8) }),
  'api-killed': (random, fleet) => ({ fault: 'api-killed', replica: anyReplica(random, fleet), seconds: seconds(random, 0, 4) }),
  'api-frozen': (random, fleet) => ({ fault: 'api-frozen', replica: anyReplica(random, fleet), seconds: seconds(random, 1, 5) }),
  'redis-emptied': () => ({ fault: 'redis-emptied' }),
  'redis-restarted': (random) => ({ fault: 'redis-restarted', seconds: seconds(random, 0, 3) }),
  'postgres-restarted': (random) => ({
    fault: 'postgres-restarted',
    how: random.pick(['fast', 'immediate']),
    seconds: seconds(random, 0, 2),
  }),
  'host-cut-off': (random, fleet) => ({ fault: 'host-cut-off', host: anyHost(random, fleet), seconds: seconds(random, 1, 8) }),
  'host-lost': (random, fleet) => ({
    fault: 'host-lost',
    host: anyHost(random, fleet),
    how: random.pick(['cut off', 'agent frozen']),
    seconds: seconds(random, 11, 16),
  }),
  'link-reset': (random, fleet) => ({ fault: 'link-reset', host: anyHost(random, fleet), seconds: seconds(random, 0, 3) }),
  'link-slow': (random, fleet) => ({
    fault: 'link-slow',
    host: anyHost(random, fleet),
    delayMs: random.between(20, 400),
    seconds: seconds(random, 2, 6),
  }),
  'packets-lost': (random, fleet) => ({
    fault: 'packets-lost',
    host: anyHost(random, fleet),
    perMille: random.between(50, 300),
    seconds: seconds(random, 2, 6),
  }),
  'clock-jumped': (random, fleet) => ({
    fault: 'clock-jumped',
    host: realHost(random, fleet),
    byMs: random.pick([-3_600_000, -30_000, -1_000, 1_000, 30_000, 3_600_000]),
  }),
  'disk-full': (random, fleet) => ({
    fault: 'disk-full',
    host: realHost(random, fleet),
    where: random.pick(['engine', 'agent']),
    seconds: seconds(random, 1, 5),
  }),
};
const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);

export function renderPlan({ seed, runs, faults }: FaultPlan): string {
  const count = new Map<string, number>();
  for (const { work } of runs) count.set(work.work, (count.get(work.work) ?? 0) + 1);
  return [
    `seed ${seed}: ${runs.length} runs (${[...count].map(([name, number]) => `${number} ${name}`).join(', ')}), ${faults.length} faults`,
    ...faults.map(({ number, afterRuns, fault }) => `  #${number} after run ${afterRuns}: ${describeFault(fault)}`),
  ].join('\n');
}
