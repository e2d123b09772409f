/** Refuses hosts on which a named host port is taken, or where the pool has too few free ones. */
import { HOST_PORT_POOL } from '@berth/shared/model/run';
import type { Demand, Filter, HostLedger, Protocol } from '../model.ts';
import { refusal } from './refusal.ts';

const POOL_SIZE = HOST_PORT_POOL.last - HOST_PORT_POOL.first + 1;
const PROTOCOLS = ['tcp', 'udp'] as const satisfies readonly Protocol[];

/** Named ports inside the pool count against it too, so that what fits here can also be chosen. */
function poolSuffices(demand: Demand, ledger: HostLedger, protocol: Protocol): boolean {
  if (demand.freePorts[protocol] === 0) return true;
  const named = demand.namedPorts.filter((port) => port.protocol === protocol && inPool(port.hostPort)).length;
  return ledger.poolTaken[protocol] + named + demand.freePorts[protocol] <= POOL_SIZE;
}

export const inPool = (port: number): boolean => port >= HOST_PORT_POOL.first && port <= HOST_PORT_POOL.last;

export const hostPortsFilter: Filter = {
  concerns: ({ namedPorts, freePorts }) => namedPorts.length > 0 || PROTOCOLS.some((protocol) => freePorts[protocol] > 0),
  fits: (demand, ledger) =>
    demand.namedPorts.every((port) => !ledger.taken[port.protocol].has(port.hostPort)) &&
    PROTOCOLS.every((protocol) => poolSuffices(demand, ledger, protocol)),
  refuse: (demand, ledger) => {
    const taken = demand.namedPorts.filter((port) => ledger.taken[port.protocol].has(port.hostPort));
    if (taken.length === 0) return refusal(ledger.host.name, 'has no free host port in the pool', 'have no free host port in the pool');
    const list = taken.map((port) => `${port.hostPort}/${port.protocol}`).join(', ');
    const text = `host port ${list} in use`;
    return refusal(ledger.host.name, `has ${text}`, `have ${text}`);
  },
};

/**
 * Chooses `count` free ports of the pool, probing from `start` on: a port that was just released is not the next one handed out.
 * The filter has made sure that there are enough.
 */
export function chooseHostPort(taken: ReadonlySet<number>, start: number): number | null {
  for (let step = 0; step < POOL_SIZE; step++) {
    const port = HOST_PORT_POOL.first + ((start + step) % POOL_SIZE);
    if (!taken.has(port)) return port;
  }
  return null;
}
