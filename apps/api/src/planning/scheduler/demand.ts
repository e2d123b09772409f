/** A run's needs in the form in which the filters and scores compare them. */
import { policyDemandOf } from '@berth/shared/model/host-policy';
import type { Strategy } from '@berth/shared/model/placement-rules';
import { imageOf } from './image-of.ts';
import type { Demand, HostLedger, PendingRun } from './model.ts';
import type { Neighbourhood } from './neighbourhood.ts';
import { rulesFor } from './rules.ts';
import type { VolumeBook } from './volume-book.ts';

interface Context {
  neighbourhood: Neighbourhood;
  volumes: VolumeBook;
  ledgers: readonly HostLedger[];
  /** Where the run names none. */
  strategy: Strategy;
}

export function demandOf(run: PendingRun, { neighbourhood, volumes, ledgers, strategy: usual }: Context): Demand {
  const { name: image, registry } = imageOf(run.image);
  const freePorts = { tcp: 0, udp: 0 };
  const namedPorts: Demand['namedPorts'][number][] = [];
  for (const { hostPort, protocol } of run.ports) {
    if (hostPort === undefined) freePorts[protocol]++;
    else namedPorts.push({ protocol, hostPort });
  }
  const neighbours = neighbourhood.neighboursOf(run);
  const strategy = run.rules?.strategy ?? usual;
  const needs = {
    image,
    registry,
    cpuMillis: run.cpuMillis,
    memoryBytes: run.memoryBytes,
    protocol: run.protocol,
    policy: policyOf(run),
    volumes: volumes.of(run),
    constraints: run.rules?.constraints ?? [],
    strategy,
    ...neighbours,
    namedPorts,
    freePorts,
  };
  return { ...needs, ...rulesFor(needs, ledgers) };
}

/** Runs with the same key can be placed on the same hosts, with the same scores. */
export function demandKey(run: PendingRun, neighbourhood: Neighbourhood): string {
  const ports = run.ports.map(({ hostPort, protocol }) => `${protocol}${hostPort ?? ''}`).sort();
  const rules = run.rules === null ? '' : JSON.stringify(run.rules);
  const asked = JSON.stringify(run.asks);
  const volumes = run.volumes.map(({ id }) => id).sort();
  return `${run.image} ${run.cpuMillis} ${run.memoryBytes} ${run.protocol} ${ports.join(' ')} ${volumes.join(' ')} ${asked} ${rules} ${neighbourhood.keyOf(run)}`;
}

/** A limit that is not set is none; what is reserved is the same as what is asked for. */
function policyOf({ image, asks, cpuMillis, memoryBytes }: PendingRun): Demand['policy'] {
  const demand = policyDemandOf({ image, ...asks });
  return { ...demand, cpuMillis: cpuMillis === 0 ? null : cpuMillis, memoryBytes: memoryBytes === 0 ? null : memoryBytes };
}
