/** What is free on a host while a plan grows. */
import type { PublishedPort } from '@berth/shared/model/run';
import { chooseHostPort, inPool } from './filters/host-ports.ts';
import type { CandidateHost, Demand, HostLedger, PendingRun } from './model.ts';

const NO_TROUBLE: ReadonlyMap<string, string> = new Map();

export function openLedger(host: CandidateHost, trouble = NO_TROUBLE): HostLedger {
  const taken = { tcp: new Set<number>(), udp: new Set<number>() };
  const poolTaken = { tcp: 0, udp: 0 };
  for (const { protocol, hostPort } of host.claims) {
    taken[protocol].add(hostPort);
    if (inPool(hostPort)) poolTaken[protocol]++;
  }
  return {
    host,
    images: new Set(host.images),
    trouble,
    freeCpu: host.cpuMillis - host.reserved.cpuMillis,
    freeMemory: host.memoryBytes - host.reserved.memoryBytes,
    runs: host.reserved.runs,
    taken,
    poolTaken,
  };
}

/** Writes the run into the ledger of its host and answers its ports. The filters have found room for all of it. */
export function reserve(ledger: HostLedger, demand: Demand, run: PendingRun, random: Uint8Array): PublishedPort[] {
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
