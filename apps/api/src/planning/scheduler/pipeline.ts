/**
 * The scheduler: pending runs and hosts in, placements and causes of waiting out. Pure (law L2), for all pending runs at once, with
 * reservations that accumulate; older runs come first, and a run that does not fit does not hold up a younger one that does.
 */
import { encodeId } from '@berth/shared/model/ids';
import type { PublishedPort } from '@berth/shared/model/run';
import { BestFirst } from './best-first.ts';
import { demandKey, demandOf } from './demand.ts';
import { explainPlacement, RUNNERS_UP } from './explain-placement.ts';
import { explainWaiting } from './explain-waiting.ts';
import { chooseHostPort, inPool } from './filters/host-ports.ts';
import type { CandidateHost, Demand, HostLedger, PendingRun, PlacementInput, PlacementPlan, PlannedAttempt } from './model.ts';
import { fits, totalScore } from './rules.ts';

interface Group {
  demand: Demand;
  queue: BestFirst;
}

const byId = (a: { id: string }, b: { id: string }): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Ids sort by age, so the order of the input does not matter. */
export function planPlacements({ pending, hosts, now, seed }: PlacementInput): PlacementPlan {
  const ledgers = [...hosts].sort(byId).map(openLedger);
  const groups = new Map<string, Group>();
  const placements: PlannedAttempt[] = [];
  const left: { run: PendingRun; demand: Demand; key: string }[] = [];

  for (const run of [...pending].sort(byId)) {
    const key = demandKey(run);
    let group = groups.get(key);
    if (!group) {
      const demand = demandOf(run);
      const queue = new BestFirst(ledgers, (ledger) => (fits(demand, ledger) ? totalScore(demand, ledger) : null));
      group = { demand, queue };
      groups.set(key, group);
    }
    const chosen = group.queue.take();
    if (!chosen) {
      left.push({ run, demand: group.demand, key });
      continue;
    }
    const placement = explainPlacement(group.demand, chosen, runnersUp(group.queue), ledgers);
    const random = nthRandom(seed, placements.length);
    const ports = reserve(chosen, group.demand, run, random);
    group.queue.offer(chosen);
    placements.push({ runId: run.id, attemptId: encodeId('attempt', now.getTime(), random), hostId: chosen.host.id, ports, placement });
  }
  return { placements, waiting: explainWaiting(left, ledgers, now) };
}

/** The next best after the chosen one, for the record; they go back into the queue. */
function runnersUp(queue: BestFirst): HostLedger[] {
  const found: HostLedger[] = [];
  while (found.length < RUNNERS_UP) {
    const next = queue.take();
    if (!next) break;
    found.push(next);
  }
  for (const ledger of found) queue.offer(ledger);
  return found;
}

function openLedger(host: CandidateHost): HostLedger {
  const taken = { tcp: new Set<number>(), udp: new Set<number>() };
  const poolTaken = { tcp: 0, udp: 0 };
  for (const { protocol, hostPort } of host.claims) {
    taken[protocol].add(hostPort);
    if (inPool(hostPort)) poolTaken[protocol]++;
  }
  return {
    host,
    images: new Set(host.images),
    freeCpu: host.cpuMillis - host.reserved.cpuMillis,
    freeMemory: host.memoryBytes - host.reserved.memoryBytes,
    runs: host.reserved.runs,
    taken,
    poolTaken,
  };
}

/** Writes the run into the ledger of its host and answers its ports. The filters have found room for all of it. */
function reserve(ledger: HostLedger, demand: Demand, run: PendingRun, random: Uint8Array): PublishedPort[] {
  ledger.freeCpu -= demand.cpuMillis;
  ledger.freeMemory -= demand.memoryBytes;
  ledger.runs++;
  const claim = (protocol: PublishedPort['protocol'], hostPort: number): number => {
    ledger.taken[protocol].add(hostPort);
    if (inPool(hostPort)) ledger.poolTaken[protocol]++;
    return hostPort;
  };
  // The named ones first, so that none of them is chosen for an unnamed one.
  for (const { protocol, hostPort } of demand.namedPorts) claim(protocol, hostPort);
  const start = ((random[0] ?? 0) << 8) | (random[9] ?? 0);
  return run.ports.map(({ containerPort, hostPort, protocol }) => {
    const chosen = hostPort ?? chooseHostPort(ledger.taken[protocol], start);
    if (chosen === null) throw new RangeError('the host-ports filter let a run through for which the pool has no port');
    return { containerPort, protocol, hostPort: hostPort ?? claim(protocol, chosen) };
  });
}

/** The seed plus n: distinct for every attempt of a plan, and in the plan's order. */
function nthRandom(seed: Uint8Array, n: number): Uint8Array {
  const random = Uint8Array.from(seed.subarray(0, 10));
  let carry = n;
  for (let at = 9; at >= 0 && carry > 0; at--) {
    carry += random[at] ?? 0;
    random[at] = carry & 0xff;
    carry >>= 8;
  }
  return random;
}
