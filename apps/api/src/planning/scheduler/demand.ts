/** A run's needs in the form in which the filters compare them. */
import { familiarImageName, parseImageReference } from '@berth/shared/model/image-reference';
import type { Demand, PendingRun } from './model.ts';

export function demandOf(run: PendingRun): Demand {
  const parsed = parseImageReference(run.image);
  const freePorts = { tcp: 0, udp: 0 };
  const namedPorts: Demand['namedPorts'][number][] = [];
  for (const { hostPort, protocol } of run.ports) {
    if (hostPort === undefined) freePorts[protocol]++;
    else namedPorts.push({ protocol, hostPort });
  }
  return {
    image: parsed.ok ? familiarImageName(parsed.image) : run.image,
    cpuMillis: run.cpuMillis,
    memoryBytes: run.memoryBytes,
    protocol: run.protocol,
    constraints: run.rules?.constraints ?? [],
    namedPorts,
    freePorts,
  };
}

/** Runs with the same key can be placed on the same hosts, with the same scores. */
export function demandKey(run: PendingRun): string {
  const ports = run.ports.map(({ hostPort, protocol }) => `${protocol}${hostPort ?? ''}`).sort();
  const rules = run.rules === null ? '' : JSON.stringify(run.rules);
  return `${run.image} ${run.cpuMillis} ${run.memoryBytes} ${run.protocol} ${ports.join(' ')} ${rules}`;
}
